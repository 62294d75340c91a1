def task_index():
    return {'actions': ['samtools faidx genome/ref.fa'], 'file_dep': ['dodo.py'], 'targets': ['genome/ref.fa.fai'], 'verbosity': 2}
