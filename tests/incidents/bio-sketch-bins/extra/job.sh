#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mash sketch -o ref $D/genome.fa
for b in bin1 bin2; do mash sketch -o $b $b.fa; mash dist ref.msh $b.msh; done
echo "bins compared"
