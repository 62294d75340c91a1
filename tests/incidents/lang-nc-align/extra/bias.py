import xarray as xr
a = xr.open_dataset("model.nc"); b = xr.open_dataset("obs.nc")
print(a.sizes, b.sizes)
d = xr.align(a, b, join="exact")
print(float((d[0].t - d[1].t).mean()))
