#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools sort -n -o S1.names.bam $D/S1.bam
stringtie -p 1 -G $D/genes.gtf -o S1.gtf S1.names.bam
awk '$3=="transcript"' S1.gtf | wc -l
