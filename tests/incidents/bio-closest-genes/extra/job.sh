#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
awk '$3=="gene"{print $1"\t"$4-1"\t"$5"\t"$10}' $D/genes.gtf | tr -d '";' | sort -k1,1 -k2,2n > genes.bed
echo "genes: $(wc -l < genes.bed)"
sort -k5,5nr $D/peaks.bed > top.bed
bedtools closest -a top.bed -b genes.bed -d > closest.tsv
cut -f12 closest.tsv | sort | uniq -c | sort -nr | head -3
