from dagster import op, job, Out, In, RetryPolicy
@op(config_schema={"alpha": float, "steps": int})
def sgd(context): return context.op_config["alpha"]
@job
def fit(): sgd()
