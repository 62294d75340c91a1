#!/bin/bash
set -e
mlr --icsv --ojson head -n 1 then put '$f = $temp * 1.8 + 32' /data/shared/stations.csv
mlr --icsv --ocsv put 'if ($temp > 20) { $hot = "yes" } elif ($temp { $hot = "no" }' /data/shared/stations.csv > hot.csv
wc -l hot.csv
