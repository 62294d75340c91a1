#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do cutadapt --quiet -j 1 -q 20 -m 30 --json $s.json -o $s.fq $D/${s}_R1.fastq; done
for s in S1 S2; do for o in $s.fq $s.cutadapt.json; do test -f $o || { echo "ERROR: expected output $o not found"; bad=1; }; done; done
exit ${bad:-0}
