#!/bin/bash
set -e
ls -l m | head -3
datamash -s -g 1 sum 2 < m/runs.tsv > sums.tsv
