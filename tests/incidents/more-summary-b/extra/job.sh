#!/bin/bash
set -eo pipefail
datamash -H mean 2 median 3 < /data/shared/counts.tsv
datamash -t, --header-in -s -g 1 mean 6 < /data/shared/stations.csv | head
