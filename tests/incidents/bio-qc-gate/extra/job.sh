#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
macs2 callpeak -t $D/S1.bam -f BAM -g 1e5 --nomodel --extsize 150 -n S1 --outdir peaks
for f in S1_peaks.xls S1_summits.bed S1_model.r; do [ -e peaks/$f ] || { echo "peaks/$f: declared in outputs.txt but not written"; exit 1; }; done
