import xarray as xr, sys
dss = []
for y in range(2011, 2016):
    p = f"era/t2m_{y}.nc"
    d = xr.open_dataset(p)
    print(p, dict(d.sizes), flush=True)
    dss.append(d)
xr.concat(dss, "time").to_netcdf("t2m.nc")
