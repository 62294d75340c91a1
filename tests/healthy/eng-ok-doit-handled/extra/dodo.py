import subprocess, traceback
def probe():
    try:
        subprocess.run(['bwa-mem2', 'version'], check=True)
    except Exception:
        traceback.print_exc()
        print('bwa-mem2 is not here, using bwa')
def task_probe():
    return {'actions': [probe], 'verbosity': 2}
def task_map():
    return {'actions': ['bwa index ref.fa'], 'file_dep': ['ref.fa'], 'task_dep': ['probe'], 'verbosity': 2}
