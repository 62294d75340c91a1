#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "query proteins: $(grep -c '>' $D/proteins.fa)"
diamond blastp -d shared/lab.dmnd -q $D/proteins.fa -o hits.tsv --threads 1
cut -f2 hits.tsv | sort | uniq -c
