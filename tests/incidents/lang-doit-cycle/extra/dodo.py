def task_fetch():
    return {"actions": ["echo x > raw.txt"], "targets": ["raw.txt"]}
def task_norm():
    return {"actions": ["sort raw.txt > norm.txt"], "file_dep": ["raw.txt"], "task_dep": ["qc"], "targets": ["norm.txt"]}
def task_qc():
    return {"actions": ["wc norm.txt > qc.txt"], "file_dep": ["norm.txt"], "targets": ["qc.txt"]}
def task_report():
    return {"actions": ["cat qc.txt"], "task_dep": ["qc"]}
