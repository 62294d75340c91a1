from dagster import op, job, Out, In, RetryPolicy
import time
@op
def step(context):
    for i in range(80):
        context.log.info(f"day {i}"); time.sleep(0.5)
@job
def season(): step()
