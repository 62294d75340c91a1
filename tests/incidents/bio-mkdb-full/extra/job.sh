#!/bin/bash
set -euo pipefail
zcat -f /data/genomics/ref/genome.fa | sed 's/>/>asm1_/' > asm.fa
makeblastdb -in asm.fa -dbtype nucl -out db/asm
blastn -db db/asm -query /data/genomics/ref/transcripts.fa -outfmt 6 -out hits.tsv
