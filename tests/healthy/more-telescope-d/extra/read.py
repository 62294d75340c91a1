import numpy as np
from astropy.io import fits
for i in range(3):
    h=fits.open(f"n{i}.fits"); print(i, h[0].header["OBJECT"], h[0].data.shape if i<2 else "header only")
print(np.log(np.array([0.0,-1.0])))
