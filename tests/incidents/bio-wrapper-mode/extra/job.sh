#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools faidx $D/genome.fa chr1:1-500 > head.fa
./tools/run_prodigal.sh head.fa
grep -c '>' head.faa
