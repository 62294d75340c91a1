#!/bin/bash
set -euo pipefail
ncdump -h archive/tas.nc
ncrename -v tas,t2m archive/tas.nc
ncks -O -v t2m archive/tas.nc t2m.nc
