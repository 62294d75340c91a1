def task_a():
    return {'actions': ['cp b.txt a.txt'], 'file_dep': ['b.txt'], 'targets': ['a.txt']}
def task_b():
    return {'actions': ['cp a.txt b.txt'], 'file_dep': ['a.txt'], 'targets': ['b.txt']}
