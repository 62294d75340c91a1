import time
from prefect import flow, task
@task
def prep(n): print("prep", n); return n
@task(timeout_seconds=4, retries=1)
def simulate(n):
    for i in range(100): time.sleep(0.5)
    return n
@flow(log_prints=True)
def season():
    return simulate(prep(12))
season()
