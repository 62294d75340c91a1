#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p qc
samtools stats $D/S1.bam | grep ^SN | cut -f2- | sed -n 1,4p
qualimap bamqc -bam $D/S1.bam -outdir qc --java-mem-size=2G 2> qc/log.txt || { rc=$?; cat qc/log.txt; exit $rc; }
