#!/bin/bash
cd src
datalad -l warning save -m ready -d . 2>&1
datalad -l warning run -m "mean" --input vol1.bin "python3 ../mean.py vol1.bin"; rc=$?
datalad status | tail -3
exit $rc
