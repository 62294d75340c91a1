#!/bin/bash
set -e
for y in 2001 2002 2003; do
  cdo -O monmean tas_$y.nc mon_$y.nc
done
cdo -O mergetime mon_*.nc tas_mon.nc
