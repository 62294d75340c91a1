#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for db in swissprot local; do
  if blastp -db $db -query $D/proteins.fa -outfmt 6 -out hits.tsv; then break; fi
  echo "ERROR: search of $db failed with status $?, falling back"
  makeblastdb -in $D/proteins.fa -dbtype prot -out local > /dev/null
done
timeout 1 sleep 3 || echo "cache warm-up timed out (harmless)"
samtools view -c $D/missing.bam || true
wc -l hits.tsv
