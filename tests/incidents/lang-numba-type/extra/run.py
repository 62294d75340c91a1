import numba, numpy as np
@numba.njit
def score(a, name):
    s = 0.0
    for i in range(a.shape[0]):
        s += a[i] * name
    return s
print("compiling", flush=True)
print(score(np.ones(4), "w"))
