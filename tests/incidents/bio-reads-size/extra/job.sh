#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seqtk sample -s11 $D/S1_R1.fastq 500 > sub.fq
seqtk size sub.fq
seqtk seq -A sub.fq > sub.fa
