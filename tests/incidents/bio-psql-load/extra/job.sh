#!/bin/bash
set -euo pipefail
export PGCONNECT_TIMEOUT=5
echo "loading $(tail -n +2 /data/genomics/ref/counts.tsv | wc -l) rows"
psql -h 127.0.0.1 -p 5439 -U lims -d lims -c "\copy counts from '/data/genomics/ref/counts.tsv' csv header delimiter E'\t'"
psql -h 127.0.0.1 -p 5439 -U lims -d lims -c 'select count(*) from counts'
