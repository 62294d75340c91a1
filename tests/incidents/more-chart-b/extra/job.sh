#!/bin/bash
set -e
tail -n +2 /data/shared/stations.csv | tr , ' ' | awk '{print $3,$2,$4}' > t.xyz
gmt info t.xyz
gmt blockmean t.xyz -R3/12/45/50 -I0.5 > m.xyz
gmt surface m.xyz -R3/12/45/50 -I0.1 -Gtemp.nc -T0.25
gmt grdmath temp.nc dem/alps_30s.nc 0.0065 MUL ADD = t0.nc
gmt grdinfo t0.nc
