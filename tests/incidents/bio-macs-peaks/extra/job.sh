#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools view -b -f 64 $D/S2.bam > chip.bam
macs2 callpeak -t chip.bam -f BAM -g 1e5 -n S2 --outdir peaks
wc -l peaks/S2_peaks.narrowPeak
