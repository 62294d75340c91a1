#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
spades.py -t 2 -m 8 -k 21,33 -1 $D/S1_R1.fastq -2 $D/S1_R2.fastq -o asm
grep -c '>' asm/scaffolds.fasta
