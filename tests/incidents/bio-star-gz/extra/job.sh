#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p idx out
STAR --runMode genomeGenerate --runThreadN 1 --genomeDir idx --genomeFastaFiles $D/genome.fa --genomeSAindexNbases 7
STAR --runThreadN 1 --genomeDir idx --readFilesIn $D/S1_R1.fastq.gz $D/S1_R2.fastq.gz --outFileNamePrefix out/S1. --outSAMtype BAM Unsorted
samtools flagstat out/S1.Aligned.out.bam
