#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
printf '>err_adapter\nAGATCGGAAGAGC\n>err_adapter\nAGATCGGAAGAGC\n' > ad.fa
TrimmomaticPE -threads 1 $D/S1_R1.fastq.gz $D/S1_R2.fastq.gz 1p.fq.gz 1u.fq.gz 2p.fq.gz 2u.fq.gz ILLUMINACLIP:ad.fa:2:30:10 LEADING:3 MINLEN:36
TrimmomaticSE -threads 1 1u.fq.gz o.fq.gz MINLEN:36 || echo "no unpaired reads left, nothing to do"
zcat 1p.fq.gz | wc -l
