#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p assembly/S1 logs
megahit -t 1 -1 $D/S1_R1.fastq.gz -2 $D/S1_R2.fastq.gz -o assembly/S1 2>&1 | tee logs/S1.log
seqtk comp assembly/S1/final.contigs.fa | head
