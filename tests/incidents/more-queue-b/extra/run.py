from celery.task import task, periodic_task
@task
def f(x): return x
print(f(3))
