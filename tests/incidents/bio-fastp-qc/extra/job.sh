#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S3; do
  echo "== $s"
  fastp -w 1 -i $s.R1.fq -I $s.R2.fq -o $s.t1.fq -O $s.t2.fq -j $s.json -h $s.html
done
for s in S1 S3; do n=$(grep -c '^@S' $s.t1.fq); echo "$s: $n read pairs kept"; [ $n -ge 150 ]; done
