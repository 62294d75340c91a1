#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
makeblastdb -in $D/proteins.fa -dbtype prot -out lab
ls lab.*
blastn -db lab -query $D/transcripts.fa -outfmt 6 -out tx_vs_lab.tsv
wc -l tx_vs_lab.tsv
