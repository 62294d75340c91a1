#!/bin/bash
set -euo pipefail
gdalinfo -stats lst_2020.tif > stats.txt || true
gdal_translate -of GTiff -outsize 50% 50% lst_2020.tif lst_small.tif
gdaldem hillshade lst_small.tif hs.tif
