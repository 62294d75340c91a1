import luigi, os
class Fetch(luigi.Task):
    retry_count = 4
    def output(self): return luigi.LocalTarget("got.txt")
    def run(self):
        n = len(os.listdir("tries"))
        open(f"tries/{n}", "w").close()
        if n < 2: raise ConnectionError("archive: connection reset by peer")
        with self.output().open("w") as f: f.write("ok")
