import sys, warnings
warnings.warn("rate.py: the log2 mode is off, falling back to plain rates", UserWarning)
x = [float(l) for l in open(sys.argv[1])]
print(len([v for v in x if v > .5]) / float(len(x)))
