import zarr, numpy as np
print("zarr", zarr.__version__)
z=zarr.create_array(store="/data/scratch/grid.zarr",shape=(40,200,200),chunks=(1,200,200),dtype="f4")
for d in range(40):
    z[d]=np.random.rand(200,200).astype("f4"); print("day",d,flush=True)
