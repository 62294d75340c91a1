#!/bin/bash
set -euo pipefail
echo "indexing pangenome"
minimap2 -t 1 -I 8G -d pan.mmi pan.fa
minimap2 -t 1 -a pan.mmi /data/genomics/ref/S1_R1.fastq > S1.sam
