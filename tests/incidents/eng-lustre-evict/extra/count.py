import sys
n = sum(1 for l in open(sys.argv[1]) if l[0] != '#')
print(n)
