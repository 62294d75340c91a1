import luigi
class Fetch(luigi.ExternalTask):
    d = luigi.Parameter(default="2026-03")
    def output(self): return luigi.LocalTarget(f"raw/{self.d}.csv")
class Clean(luigi.Task):
    def requires(self): return Fetch()
    def output(self): return luigi.LocalTarget("clean.csv")
    def run(self):
        with self.input().open() as i, self.output().open("w") as o:
            for l in i: o.write(l.lower())
class Report(luigi.Task):
    def requires(self): return Clean()
    def output(self): return luigi.LocalTarget("report.txt")
    def run(self):
        with self.output().open("w") as o: o.write("ok")
