import luigi, time
class Sweep(luigi.Task):
    def output(self): return luigi.LocalTarget('o')
    def run(self):
        for i in range(60):
            print('step', i, flush=True); time.sleep(1)
