import parsl, logging, os
from parsl import python_app
from parsl.config import Config
from parsl.executors import ThreadPoolExecutor
logging.basicConfig(level=logging.INFO)
parsl.load(Config(executors=[ThreadPoolExecutor(max_threads=2)], retries=2, initialize_logging=False, usage_tracking=0))
@python_app
def f(i):
    import os
    if not os.path.exists(f'seen{i}'):
        open(f'seen{i}', 'w').close()
        raise OSError(116, 'Stale file handle')
    return i * i
print([f(i).result() for i in range(2)])
