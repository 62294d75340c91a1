#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do
  featureCounts -T 1 -a $D/genes.gtf -o $s.counts.txt $D/$s.bam
done
paste S1.counts.txt S2.counts.txt > both.txt
