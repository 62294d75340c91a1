import glob, numpy as np
from astropy.io import fits
stack = []
for f in sorted(glob.glob("sci_*.fits")):
    with fits.open(f) as h:
        print(f, h[0].header["NAXIS1"], h[0].header["NAXIS2"])
        stack.append(np.array(h[0].data))
fits.writeto("median.fits", np.median(stack, axis=0), overwrite=True)
