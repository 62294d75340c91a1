#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
df -h scratch | tail -1 | awk '{print "scratch:",$2,"total,",$4,"free"}'
minimap2 -x sr -a $D/genome.fa $D/S1_R1.fastq $D/S1_R2.fastq > scratch/S1.sam
samtools sort -o S1.bam scratch/S1.sam
