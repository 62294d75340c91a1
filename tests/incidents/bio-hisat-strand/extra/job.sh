#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
hisat2-build -q $D/genome.fa hs
for s in S1 S2; do
  hisat2 -p 1 --dta --rna-strandess RF -x hs -1 $D/${s}_R1.fastq -2 $D/${s}_R2.fastq -S $s.sam
  samtools sort -o $s.bam $s.sam
done
