import sys
for line in open(sys.argv[1]):
    if line.startswith('#'): continue
    f = line.rstrip().split('\t')
    info = dict(kv.split('=') for kv in f[7].split(';'))
    print(f[0], f[1], info['DP'], info['MQSBZ'], sep='\t')
