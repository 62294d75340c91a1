#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
head -5 $D/peaks.bed > r.bed
for a in asm1 asm2; do bedtools getfasta -fi $a.fa -bed r.bed -fo $a.peaks.fa; echo "$a: $(grep -c '>' $a.peaks.fa)"; done
