#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p assembly/S1 logs
zcat $D/S1_R1.fastq.gz | head -4000 > r1.fq; zcat $D/S1_R2.fastq.gz | head -4000 > r2.fq
megahit -t 1 -1 r1.fq -2 r2.fq -o assembly/S1 2>&1 | tee logs/S1.log
seqtk comp assembly/S1/final.contigs.fa | head
