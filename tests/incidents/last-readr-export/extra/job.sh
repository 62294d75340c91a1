#!/bin/bash
Rscript export.R; r=$?
wc -c < /data/scratch/long.csv; exit $r
