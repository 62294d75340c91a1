import time, xarray as xr, numpy as np
for k in range(100):
    print("window", k, flush=True)
    xr.DataArray(np.random.rand(200, 200)).rolling(dim_0=9).mean()
    time.sleep(1)
