#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
featureCounts -p --countReadPairs -T 1 -t exon -g geneID -a $D/genes.gtf -o counts.txt $D/S1.bam $D/S2.bam
cut -f1,7- counts.txt | tail -n +2 > matrix.tsv
