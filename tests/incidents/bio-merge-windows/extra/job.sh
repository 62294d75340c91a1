#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in ctl trt; do bedtools merge -i $s.bed -d 50 > $s.merged.bed; wc -l $s.merged.bed; done
bedtools jaccard -a ctl.merged.bed -b trt.merged.bed
