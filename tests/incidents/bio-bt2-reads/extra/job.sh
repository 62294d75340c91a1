#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "Aligning run 2 of S1"
bowtie2 -p 1 --very-sensitive -x $D/bt2/genome -U run2.fastq -S run2.sam
samtools view -b run2.sam | samtools sort -o run2.bam -
