import nibabel as nib, numpy as np, glob
acc = 0
for f in sorted(glob.glob("sub-*_T1w.nii.gz")):
    img = nib.load(f); print(f, img.shape)
    acc = acc + img.get_fdata()
