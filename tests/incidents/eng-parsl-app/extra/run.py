import parsl
from parsl import bash_app
from parsl.config import Config
from parsl.executors import ThreadPoolExecutor
parsl.load(Config(executors=[ThreadPoolExecutor(max_threads=2)], initialize_logging=False, usage_tracking=0))
@bash_app
def quast(asm, stdout='quast.out', stderr='quast.err'):
    return f'quast.py {asm} -o q'
print(quast('asm.fa').result())
