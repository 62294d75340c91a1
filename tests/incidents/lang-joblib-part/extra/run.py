import json, sys
from joblib import Parallel, delayed
def load(i):
    print(f"[worker] reading part {i}", file=sys.stderr, flush=True)
    with open(f"parts/p{i}.json") as f:
        d = json.load(f)
    return len(d["reads"])
if __name__ == "__main__":
    n = Parallel(n_jobs=2, verbose=5)(delayed(load)(i) for i in range(10))
    print(sum(n))
