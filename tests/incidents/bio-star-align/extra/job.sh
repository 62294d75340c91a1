#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p out
STAR --runThreadN 1 --genomeDir $D/star_index --readFilesIn $D/S1_R1.fastq $D/S1_R2.fastq --outFileNamePrefix out/S1. --outSAMtype BAM Unsorted
samtools flagstat out/S1.Aligned.out.bam
