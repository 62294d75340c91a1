#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
export BLASTDB=/data/genomics/blastdb
echo "searching $(grep -c '>' $D/proteins.fa) proteins against swissprot"
blastp -db swissprot -query $D/proteins.fa -evalue 1e-5 -outfmt 6 -out hits.tsv
sort -k12,12nr hits.tsv | head -5
