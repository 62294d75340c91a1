#!/bin/bash
set -e
wc -l surv.csv
python3 cox.py > cox.txt
cat cox.txt
