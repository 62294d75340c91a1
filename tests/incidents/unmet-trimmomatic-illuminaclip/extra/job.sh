#!/bin/bash
set -euo pipefail
echo "W1: trimming"
TrimmomaticSE -threads 1 -phred33 W1_R1.fastq.gz W1.trim.fq.gz SLIDINGWINDOW:4:20 MINLEN:36
echo "W1: done"
