import h5py
with h5py.File("nfs/cube.h5", "r", locking=False) as h:
    d = h["cube"]
    for i in range(d.shape[0]):
        s = d[i].sum()
        if i % 10 == 0: print("plane", i, round(float(s), 2), flush=True)
