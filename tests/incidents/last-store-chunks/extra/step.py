import zarr,numpy as np
print("zarr",zarr.__version__)
st=zarr.NestedDirectoryStore("out.zarr")
g=zarr.group(store=st)
g["x"]=np.arange(5)
