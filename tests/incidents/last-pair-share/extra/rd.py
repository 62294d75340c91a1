import zarr
z=zarr.open_array("/data/share/t.zarr",mode="r")
for i in range(z.shape[0]): print(i, float(z[i].sum()))
