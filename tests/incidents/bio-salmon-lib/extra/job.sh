#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
salmon index -t $D/transcripts.fa -i txidx -k 31 -p 1 > index.log 2>&1
for s in S1 S2; do salmon quant -i txidx -l RIS -1 $D/${s}_R1.fastq -2 $D/${s}_R2.fastq -p 1 -o quant/$s; done
