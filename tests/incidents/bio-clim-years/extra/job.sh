#!/bin/bash
set -euo pipefail
for y in 2011 2012 2013 2014; do
  cdo -s yearmean pr_$y.nc pr_$y.ym.nc; echo "year $y done"
done
cdo mergetime pr_*.ym.nc pr_all.nc
