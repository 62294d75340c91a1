import numpy as np
from skimage import filters, measure
print("reading stack 40 x 4096 x 4096")
stack = np.zeros((40, 4096, 4096), dtype=np.uint8)
sm = np.stack([filters.gaussian(p, 2) for p in stack[:2]])
lab = measure.label(sm > filters.threshold_otsu(sm + stack.astype(np.float32)[:2]))
