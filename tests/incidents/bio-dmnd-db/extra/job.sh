#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo 'searching uniref subset'
diamond blastp -d uniref.dmnd -q $D/proteins.fa -o hits.tsv --threads 1
wc -l hits.tsv
