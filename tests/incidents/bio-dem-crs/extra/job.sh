#!/bin/bash
set -euo pipefail
gdalinfo dem.tif | grep -E 'Size|Driver'
gdalwarp -t_srs EPSG:20560 dem.tif dem_lv95.tif
gdal_translate -of PNG -scale dem_lv95.tif dem.png
