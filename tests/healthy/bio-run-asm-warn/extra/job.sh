#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
spades.py -t 1 -m 4 -k 21 -1 $D/S1_R1.fastq -2 $D/S1_R2.fastq -o asm
grep -c '>' asm/scaffolds.fasta
