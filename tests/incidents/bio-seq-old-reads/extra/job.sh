#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "converting"
seqtk seq -A $D/S1_R1.fastq > S1.fa
blat_like=$(vsearch --usearch_global S1.fa --db $D/transcripts.fa --id 0.9 --strand both --blast6out hits.tsv > run.log 2>/dev/null && wc -l < hits.tsv)
echo "hits: $blat_like"
[ "$blat_like" -gt 100000 ]
