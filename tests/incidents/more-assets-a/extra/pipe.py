from dagster import op, job, Out, In, RetryPolicy
import csv
@op(out={"table": Out(), "index": Out()})
def load(context):
    from dagster import Output
    rows = list(csv.reader(open("/data/shared/stations.csv")))
    context.log.info(f"{len(rows)} rows")
    yield Output(rows, "table")
@op
def count(t): return len(t)
@op
def find(i): return i.get("ST001")
@job
def nightly():
    t, i = load()
    count(t); find(i)
