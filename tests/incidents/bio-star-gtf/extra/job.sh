#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p idx
echo "building STAR index with annotation"
STAR --runMode genomeGenerate --runThreadN 1 --genomeDir idx --genomeFastaFiles $D/genome.fa --genomeSAindexNbases 7 --sjdbGTFfile genes.gtf --sjdbOverhang 99
ls -l idx | tail -n +2 | wc -l
