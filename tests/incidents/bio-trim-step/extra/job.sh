#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do
TrimmomaticPE -threads 1 -phred33 $D/${s}_R1.fastq.gz $D/${s}_R2.fastq.gz $s.1p.fq.gz $s.1u.fq.gz $s.2p.fq.gz $s.2u.fq.gz LEADING:3 SLIDEWINDOW:4:20 MINLEN:36
done
fastp -v
