#!/bin/bash
set -e
for t in t1 t2; do rio info $t.tif --shape; python mean.py $t.tif; done
