#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
makeblastdb -in $D/genome.fa -dbtype nucl -out genome
blastn -task blastn-sensitive -db genome -query $D/primates.fa -outfmt 6 -num_threads 1 > hits.tsv
awk '$3>95' hits.tsv | wc -l
