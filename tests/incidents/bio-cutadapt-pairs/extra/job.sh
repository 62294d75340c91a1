#!/bin/bash
set -euo pipefail
cutadapt --version
cutadapt -j 1 -a AGATCGGAAGAGC -A AGATCGGAAGAGC -q 20 -m 30 -o t1.fq.gz -p t2.fq.gz R1.fastq.gz R2.fastq.gz
echo "trimmed pairs: $(zcat t1.fq.gz | awk 'END{print NR/4}')"
