#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mash sketch -k 21 -o ref $D/genome.fa
mash sketch -k 31 -r -m 2 -o S1 $D/S1_R1.fastq
mash dist ref.msh S1.msh > dist.tsv
[ -s dist.tsv ] || { echo 'no distances computed' >&2; exit 1; }
