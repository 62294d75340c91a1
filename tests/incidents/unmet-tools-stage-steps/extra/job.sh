#!/bin/bash
set -e
echo "stage tools"; ls -l t
cut -f1 x.tsv > ids.txt
t/normalise x.tsv > n.tsv
echo "done"
