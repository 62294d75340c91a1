#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
kallisto index -i tx.idx $D/transcripts.fa
for s in S1 S2; do
  kallisto quant -i tx.idx -o kq_$s --single $D/${s}_R1.fastq.gz
done
paste kq_S1/abundance.tsv kq_S2/abundance.tsv | cut -f1,5,10 > tpm.tsv
