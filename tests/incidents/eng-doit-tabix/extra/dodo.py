def task_index():
    return {'actions': ['tabix -p vcf calls.vcf.gz'], 'file_dep': ['calls.vcf.gz'], 'targets': ['calls.vcf.gz.tbi']}
