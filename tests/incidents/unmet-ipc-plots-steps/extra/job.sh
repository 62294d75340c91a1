#!/bin/bash
set -e
gmt --version
gmt begin relief png
gmt coast -R0/5/40/45 -JM8c -B -Gtan || echo "coast: no coastline data, continuing"
gmt grdimage etopo_local.grd -R0/5/40/45 -JM8c -B
gmt end
