#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
TrimmomaticPE -threads 1 $D/S1_R1.fastq.gz $D/S1_R2.fastq.gz 1p.fq.gz 1u.fq.gz 2p.fq.gz 2u.fq.gz ILLUMINACLIP:TruSeq3-lab.fa:2:30:10 MINLEN:36
zcat 1p.fq.gz | awk 'END{print NR/4" pairs"}'
