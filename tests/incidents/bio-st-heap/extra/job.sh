#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do TrimmomaticSE -threads 1 -phred33 $D/${s}_R1.fastq.gz $s.t.fq.gz MINLEN:40; done
