from dagster import op, job, Out, In, RetryPolicy
from dagster import GraphDefinition, DependencyDefinition
@op(ins={"x": In(int)})
def a(x): return x
@op(ins={"y": In(int)})
def b(y): return y
weekly = GraphDefinition(name="weekly", node_defs=[a, b], dependencies={"a": {"x": DependencyDefinition("b")}, "b": {"y": DependencyDefinition("a")}}).to_job()
