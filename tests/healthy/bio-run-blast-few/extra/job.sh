#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
makeblastdb -in $D/proteins.fa -dbtype prot -out lab > /dev/null
printf '>err_protein_unknown failed ORF\nMXXXXXXXXXXXXXXXXXXXXXXXXXXXXX\n' | cat $D/proteins.fa - > q.fa
blastp -db lab -query q.fa -max_target_seqs 2 -outfmt 6 -out hits.tsv
wc -l hits.tsv
