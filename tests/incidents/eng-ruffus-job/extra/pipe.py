from ruffus import transform, suffix, pipeline_run
@transform(['a.len', 'b.len'], suffix('.len'), '.mean')
def mean(i, o):
    v = [int(x) for x in open(i)]
    open(o, 'w').write(str(sum(v) / len([x for x in v if x > 100])))
pipeline_run([mean], multithread=2)
