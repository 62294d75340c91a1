#!/bin/bash
set -euo pipefail
PicardCommandLine SortSam I=aligned.sam O=sorted.bam SO=coordinate VALIDATION_STRINGENCY=LENIENT
samtools index sorted.bam
samtools idxstats sorted.bam
