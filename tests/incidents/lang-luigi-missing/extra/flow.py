import luigi
class Count(luigi.Task):
    def output(self): return luigi.LocalTarget("counts.tsv")
    def run(self): open("counts.txt", "w").write("1\n")
class Qc(luigi.Task):
    def requires(self): return Count()
    def output(self): return luigi.LocalTarget("qc.txt")
    def run(self): open("qc.txt", "w").write(open("counts.tsv").read())
