import xarray as xr, numpy as np, pandas as pd
t = pd.date_range("2000-01-01", periods=730)
da = xr.DataArray(np.random.rand(730, 4, 5), dims=("time", "lat", "lon"), coords={"time": t}, name="tas")
clim = da.groupby("time.month").mean("time")
anom = da.groupby("time.month") - clim
print(anom.sel(latitude=52.0, method="nearest"))
