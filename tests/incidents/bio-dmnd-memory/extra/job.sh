#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
diamond makedb --in $D/proteins.fa -d lab --threads 1 --quiet
diamond blastp -d lab -q $D/proteins.fa -o hits.tsv --threads 1 --block-size 2
wc -l hits.tsv
