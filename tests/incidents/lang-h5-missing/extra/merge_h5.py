import h5py, glob
tot = 0
for f in sorted(glob.glob("cells/*.h5")):
    with h5py.File(f, "r") as h:
        n = h["matrix/data"].shape[0]
        print(f, n); tot += n
print(tot)
