#!/bin/bash
set -euo pipefail
echo "STEP 1/4 convert"; python3 -c "import nibabel; print('nibabel', nibabel.__version__)"
echo "STEP 2/4 reorient"; ls -l T1w.nii.gz
rm -v tmp_*.nii 2>/dev/null || echo "no temporary files (fine)"
echo "STEP 3/4 features"
python3 feat.py T1w.nii.gz > feat.txt || { cat feat.txt; echo "STEP 3/4 FAILED"; exit 30; }
echo "STEP 4/4 table"
