import luigi
class Fetch(luigi.ExternalTask):
    d = luigi.Parameter(default="2026-03")
    def output(self): return luigi.LocalTarget(f"raw/{self.d}.csv")
class Clean(luigi.Task):
    def requires(self): return Fetch()
    def output(self): return luigi.LocalTarget("clean.csv")
    def run(self): pass
class Report(luigi.Task):
    def requires(self): return Clean()
    def output(self): return luigi.LocalTarget("report.txt")
    def run(self): pass
