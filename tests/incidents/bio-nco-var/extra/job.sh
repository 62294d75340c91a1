#!/bin/bash
set -euo pipefail
cdo -s -f nc -setname,tas -const,287,r36x18 in.nc
for v in tas tasmax; do ncks -O -v $v in.nc $v.nc; echo "extracted $v"; done
ncwa -O -a lat,lon tasmax.nc m.nc
