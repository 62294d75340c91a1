import sys
def load(p, q):
    return [int(l.split('\t')[2]) for l in open(p) if int(l.split('\t')[2]) > q]
def mean(v):
    return sum(v) / len(v)
print('mean depth above', sys.argv[2], round(mean(load(sys.argv[1], int(sys.argv[2]))), 1))
