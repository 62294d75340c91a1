#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for l in locusA locusB; do
  echo "aligning $l ($(grep -c '>' $l.fa) sequences)"
  muscle -align $l.fa -output $l.aln
done
fasttree -nt -quiet locusA.aln > A.nwk
