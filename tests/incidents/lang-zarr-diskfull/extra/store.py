import numpy as np, dask.array as da
x = da.random.random((4000, 4000), chunks=(500, 500))
print("storing", x, flush=True)
da.to_npy_stack("/tmp/stack", x)
print("stored")
