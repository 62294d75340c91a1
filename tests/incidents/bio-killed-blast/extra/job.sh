#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
makeblastdb -in $D/proteins.fa -dbtype prot -out lab > /dev/null
for i in $(seq 400); do cat $D/proteins.fa; done > many.fa
echo "searching $(grep -c '>' many.fa) sequences"
blastp -db lab -query many.fa -outfmt 6 -evalue 1 -num_threads 1 -out hits.tsv
wc -l hits.tsv
