#!/bin/bash
set -euo pipefail
sort -k1,1 -k2,2n /data/genomics/ref/peaks.bed > peaks.sorted.bed
gzip -f peaks.sorted.bed
ls -l peaks.sorted.bed.gz | awk '{print $5,$9}'
tabix -p bed peaks.sorted.bed.gz
tabix peaks.sorted.bed.gz chr1:1-10000 | wc -l
