from dagster import op, job, Out, In, RetryPolicy
import os
@op(retry_policy=RetryPolicy(max_retries=2, delay=0.5))
def fetch(context):
    if not os.path.exists("seen"):
        open("seen","w"); raise OSError("Connection reset by peer")
    return 3
@op
def use(context, x): context.log.warning("1 record skipped: error in row 9"); return x
@job
def flaky(): use(fetch())
