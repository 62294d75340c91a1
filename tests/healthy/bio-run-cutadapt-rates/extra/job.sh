#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
cutadapt -j 1 -e 0.2 -a AGATC -q 20 -m 30 -o t.fq.gz $D/S1_R1.fastq.gz
