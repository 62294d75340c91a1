#!/bin/bash
set -euo pipefail
for f in lane1 lane2 lane3; do
  cutadapt -j 1 --quiet -u 5 -m 30 -o $f.t.fq $f.fastq.gz
  echo "$f ok"
done
cat lane?.t.fq > all.fq
