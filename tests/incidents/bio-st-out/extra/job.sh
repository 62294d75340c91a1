#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p results
stringtie -v -p 1 -e -G $D/genes.gtf -o results/S1.gtf $D/S1.bam
for f in results/S1.gtf results/S1.gene_abund.tab; do
  [ -s "$f" ] || { echo "declared output $f was not produced" >&2; exit 2; }
done
