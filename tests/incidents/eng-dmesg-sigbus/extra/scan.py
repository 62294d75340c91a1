import sys
n = 0
print('scanning', sys.argv[1], flush=True)
for line in open(sys.argv[1]):
    n += 1
print(n)
