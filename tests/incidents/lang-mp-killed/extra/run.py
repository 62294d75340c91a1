import numpy as np, resource, os
from concurrent.futures import ProcessPoolExecutor
def corr(k):
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    n = 1500 * (k + 1)
    print(f"block {k}: {n} x {n}", flush=True)
    x = np.ones((n, n))
    return float(x.sum())
if __name__ == "__main__":
    with ProcessPoolExecutor(2) as ex:
        for k, s in enumerate(ex.map(corr, range(12))):
            print("block", k, "sum", s)
