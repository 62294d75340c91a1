#!/bin/bash
set -euo pipefail
cat > libs.yaml <<'Y'
[ { orientation: "fr", type: "paired-end", left reads: ["/data/genomics/ref/S1_R1.fastq"], right reads: ["/data/genomics/ref/S1_r2.fastq"] } ]
Y
spades.py -t 1 -m 4 --dataset libs.yaml -o asm
ls asm
