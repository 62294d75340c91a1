#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p k2
for s in S1 S2; do echo "classify $s"; kraken2 --db /data/genomics/kraken_std --threads 1 --paired --report k2/$s.report $D/${s}_R1.fastq $D/${s}_R2.fastq > k2/$s.out; done
