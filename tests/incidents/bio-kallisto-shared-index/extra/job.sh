#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
kallisto version
kallisto quant -i /data/genomics/shared/tx_v46.idx -o kq_S1 $D/S1_R1.fastq.gz $D/S1_R2.fastq.gz
head -3 kq_S1/abundance.tsv
