#!/bin/bash
set -euo pipefail
codes_info -v; echo
grib_ls era5_200103.grib
grib_copy -w shortName=2t era5_200103.grib t2m.grib
