#!/bin/bash
set -euo pipefail
cdo -s -f nc -const,3,r36x18 tas.nc
cdo -O fldmeann tas.nc tas_mean.nc
cdo info tas_mean.nc
