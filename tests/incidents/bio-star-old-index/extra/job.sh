#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p out
STAR --version
STAR --runThreadN 1 --genomeDir shared_index --readFilesIn $D/S2_R1.fastq $D/S2_R2.fastq --outFileNamePrefix out/S2. --outSAMtype BAM Unsorted
samtools flagstat out/S2.Aligned.out.bam
