#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
bowtie2 -p 1 -x $D/bt2/genome -U tags.fastq -S tags.sam
samtools view -c -F 4 tags.sam
echo "finished"
