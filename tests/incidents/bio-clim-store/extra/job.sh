#!/bin/bash
set -eu
ncdump -h store.nc | head -5
ncatted -O -a history,global,a,c,"bias corrected" store.nc
ncks -O -v tas store.nc tas_only.nc
