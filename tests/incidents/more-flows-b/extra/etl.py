from prefect import Flow, task, Parameter
@task
def load(p): return open(p).readlines()
with Flow("etl") as flow:
    p = Parameter("path", default="/data/shared/counts.tsv")
    n = load(p)
flow.run()
