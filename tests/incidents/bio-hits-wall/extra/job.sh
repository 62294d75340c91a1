#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
makeblastdb -in $D/proteins.fa -dbtype prot -out lab > /dev/null
for i in $(seq 600); do cat $D/proteins.fa; done > many.fa
timeout -v -k 5 4 blastp -db lab -query many.fa -outfmt 6 -evalue 10 -word_size 2 -num_threads 1 -out hits.tsv || echo "blastp ended with status $?, keeping what there is"
tail -1 hits.tsv | cut -f1 > last_query
grep -q prot11 last_query && cmp <(cut -f1 hits.tsv | uniq | wc -l) <(grep -c '>' many.fa)
