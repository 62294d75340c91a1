#!/bin/bash
set -euo pipefail
echo "resampling to 10 m"
gdal_translate -outsize 1200 1200 -r cubic dem.tif scratch/dem10.tif
gdaldem slope scratch/dem10.tif slope.tif
