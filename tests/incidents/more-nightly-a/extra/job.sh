#!/bin/bash
echo "nightly rollup $(date +%F)"
cd state
lckdo -W 3 rollup.lock sh -c 'cut -f1 /data/shared/counts.tsv | sort -u > rollup.txt'; rc=$?
[ $rc = 0 ] || { echo "rollup.txt not refreshed"; exit $rc; }
