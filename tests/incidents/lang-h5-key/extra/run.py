import h5py, sys
for f in sys.argv[1:]:
    with h5py.File(f) as h:
        print(f, "groups:", list(h))
        v = h["obs/cell_type"][:]
        print(len(v), "cells")
