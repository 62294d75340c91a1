#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
awk '$3=="gene"{s=$4-501; if(s<0)s=0; print $1"\t"s"\t"$4-1"\t"$10"\t0\t"$7}' $D/genes.gtf | tr -d '";' > prom.bed
echo "$(wc -l < prom.bed) promoters"
bedtools getfasta -s -name -fi $D/Genome.fa -bed prom.bed -fo prom.fa
grep -c '>' prom.fa
