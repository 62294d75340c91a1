#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools view -b -o sub.bam aligned.sam
PicardCommandLine SortSam I=sub.bam O=sub.sorted.bam SO=coordinate
samtools index sub.sorted.bam
