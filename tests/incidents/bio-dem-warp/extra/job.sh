#!/bin/bash
set -euo pipefail
mkdir -p out
for t in n46e007 n46e008; do
  gdalwarp -q -t_srs EPSG:2056 -r bilinear tiles/$t.tif out/$t.tif
  echo "$t warped"
done
gdalbuildvrt out/all.vrt out/*.tif
