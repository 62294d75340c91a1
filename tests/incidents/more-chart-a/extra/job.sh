#!/bin/bash
set -e
gmt begin map png
gmt basemap -R3/12/45/50 -JM12c -Baf
tail -n +2 /data/shared/stations.csv | tr , ' ' | awk '{print $3,$2}' | gmt plot -Sc0.1c -Gred
gmt coast -W0.5p -Jq
gmt end
