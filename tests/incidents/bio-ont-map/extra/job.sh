#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
minimap2 -d genome.mmi $D/genome.fa
for s in S1 S2; do minimap2 -a -x map-hifii genome.mmi $D/${s}_R1.fastq | samtools sort -o $s.bam - ; done
samtools index S1.bam
