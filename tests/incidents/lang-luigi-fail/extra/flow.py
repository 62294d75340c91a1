import luigi, json
class Fetch(luigi.Task):
    day = luigi.IntParameter()
    def output(self): return luigi.LocalTarget(f"d{self.day}.json")
    def run(self):
        with self.output().open("w") as f: json.dump([] if self.day == 3 else [self.day, 2], f)
class Mean(luigi.Task):
    day = luigi.IntParameter()
    def requires(self): return Fetch(self.day)
    def output(self): return luigi.LocalTarget(f"m{self.day}.txt")
    def run(self):
        x = json.load(self.input().open())
        with self.output().open("w") as f: f.write(str(sum(x) / len(x)))
class Report(luigi.WrapperTask):
    def requires(self): return [Mean(d) for d in range(1, 6)]
if __name__ == "__main__": luigi.run()
