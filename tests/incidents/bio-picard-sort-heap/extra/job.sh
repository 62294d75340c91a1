#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
export JAVA_TOOL_OPTIONS="-Xmx20m"
for s in S1 S2; do samtools view -h $D/$s.bam > $s.sam; done
PicardCommandLine MergeSamFiles I=S1.sam I=S2.sam O=merged.bam SO=queryname MAX_RECORDS_IN_RAM=2000000
PicardCommandLine CollectInsertSizeMetrics I=merged.bam O=ins.txt H=ins.pdf
