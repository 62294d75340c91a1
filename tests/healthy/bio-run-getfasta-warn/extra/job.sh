#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
(cat $D/peaks.bed; printf 'chrX\t10\t60\tx1\t0\t+\nchr1\t59990\t60500\tend\t0\t+\n') > all.bed
bedtools getfasta -name -fi $D/genome.fa -bed all.bed -fo peaks.fa
echo "sequences: $(grep -c '>' peaks.fa)"
