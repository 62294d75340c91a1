import luigi, os
class Step(luigi.Task):
    retry_count = 3
    def output(self): return luigi.LocalTarget("step.txt")
    def run(self):
        if not os.path.exists("tried"):
            open("tried", "w").close()
            raise ConnectionResetError(104, "Connection reset by peer")
        with self.output().open("w") as o: o.write("x")
