#!/bin/bash
mlr --icsv --opprint put -q 'begin{@errors=0} if (is_error($lat . "x" + 1)) {@errors+=1} end{emit @errors}' /data/shared/stations.csv
mlr --icsv --ojson put '$z = $nosuch + 1; $w = sec2gmt("bad")' then head -n 2 /data/shared/stations.csv
mlr --icsv --opprint join -j station -f /data/shared/stations.csv --np --ul then head -n 1 /data/shared/stations.csv
echo ok
