#!/bin/bash
set -e
for m in 01 02 03; do
  ncdump -h sst_$m.nc | grep -c float
done
python mean.py
