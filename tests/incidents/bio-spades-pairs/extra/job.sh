#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "reads: $(($(wc -l < r1.fastq)/4)) / $(($(wc -l < r2.fastq)/4))"
spades.py --careful -t 1 -m 4 -k 21 -1 r1.fastq -2 r2.fastq -o asm
grep -c '>' asm/scaffolds.fasta
