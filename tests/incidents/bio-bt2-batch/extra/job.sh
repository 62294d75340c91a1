#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do
  echo "aligning $s"
  bowtie2 -p 1 -x $D/bt2/genome_v2 -1 $D/${s}_R1.fastq.gz -2 $D/${s}_R2.fastq.gz 2> >(tee $s.log >&2) | samtools sort -o $s.bam -
done
samtools flagstat S1.bam
