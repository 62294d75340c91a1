#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p idx
STAR --runMode genomeGenerate --runThreadN 1 --genomeDir idx --genomeFastaFiles $D/genome.fa
STAR --runThreadN 1 --genomeDir idx --readFilesIn $D/S1_R1.fastq --outFileNamePrefix S1.
