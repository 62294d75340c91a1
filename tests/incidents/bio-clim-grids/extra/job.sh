#!/bin/bash
set -euo pipefail
cdo -s -f nc -const,287,r36x18 model.nc
cdo -s -f nc -const,286,r72x36 obs.nc
cdo info model.nc
cdo sub model.nc obs.nc bias.nc
cdo fldmean bias.nc bias_mean.nc
