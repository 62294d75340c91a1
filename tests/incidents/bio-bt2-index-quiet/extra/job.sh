#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p idx
bowtie2-build --threads 1 $D/genome.fa idx/genome
bowtie2 -x idx/genome -U $D/S1_R1.fastq -S S1.sam
