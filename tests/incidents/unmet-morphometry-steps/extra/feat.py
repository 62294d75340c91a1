import sys, numpy as np, nibabel as nib, warnings
warnings.warn("affine is not orthogonal, using header zooms")
img = nib.load(sys.argv[1]); d = img.get_fdata()
print("shape", d.shape, "mean", d.mean().round(4))
for axis in range(4):
    print(axis, d.shape[axis] * img.header.get_zooms()[axis])
