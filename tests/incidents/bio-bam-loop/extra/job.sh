#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do
  n=$(samtools view -c -q 20 $D/$s.bam)
  echo "$s $n" >> $PWD/counts.txt
done
cat counts.txt
echo "report for $PROJECT_ID" > report.txt
cat counts.txt >> report.txt
