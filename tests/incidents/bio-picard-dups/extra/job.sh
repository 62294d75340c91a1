#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
PicardCommandLine AddOrReplaceReadGroups I=$D/S1.bam O=S1.rg.bam RGID=S1 RGPL=ILLUMINA RGPU=u1 RGSM=S1
PicardCommandLine MarkDuplicates I=S1.rg.bam O=S1.md.bam M=S1.metrics
samtools index S1.md.bam
