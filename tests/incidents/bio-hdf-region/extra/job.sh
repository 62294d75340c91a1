#!/bin/bash
set -euo pipefail
for y in 2001 2002; do
  cdo -s -O timmean tas_$y.nc m_$y.nc; echo "mean $y ok"
done
cdo -O mergetime m_2001.nc m_2002.nc clim.nc
