import numpy as np, sys
from numpy.lib.stride_tricks import as_strided
x = np.loadtxt(sys.argv[1], delimiter=",")
print("points", x.shape, flush=True)
w = as_strided(x, shape=(x.shape[0], 1 << 26), strides=(x.strides[0], 8))
print(w.sum(), flush=True)
