import h5py, numpy as np
print("opening the shared store")
with h5py.File("store.h5", "a") as h:
    h.create_dataset("run12/counts", data=np.arange(100))
print("written")
