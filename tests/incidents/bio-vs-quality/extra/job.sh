#!/bin/bash
set -euo pipefail
for f in old run; do
vsearch --fastq_filter $f.fastq --fastq_maxee 1 --fastaout $f.fa
done
vsearch --derep_fulllength old.fa --output d.fa --sizeout
