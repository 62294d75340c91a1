#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "calling broad peaks"
macs2 callpeak -t $D/S1.bam -f BAM-PE -g 1e5 --broad -n S1 --outdir peaks
bedtools merge -i peaks/S1_peaks.broadPeak > merged.bed
