#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
salmon index -t bact_cds.fa -i txidx -k 31 -p 1 > index.log 2>&1
salmon quant -i txidx -l A -1 $D/S1_R1.fastq -2 $D/S1_R2.fastq -p 1 -o quant/S1
cut -f1,4 quant/S1/quant.sf | sort -k2,2nr | head -3
