#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p idx out
STAR --runMode genomeGenerate --runThreadN 1 --genomeDir idx --genomeFastaFiles $D/genome.fa --genomeSAindexNbases 9 --sjdbGTFfile $D/genes.gtf --sjdbOverhang 99
STAR --runThreadN 1 --genomeDir idx --readFilesIn $D/S1_R1.fastq $D/S1_R2.fastq --outFileNamePrefix out/S1. --outSAMtype BAM Unsorted
grep -iE 'mismatch rate|error|too short' out/S1.Log.final.out
