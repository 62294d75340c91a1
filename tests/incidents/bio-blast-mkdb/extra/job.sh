#!/bin/bash
D=/data/genomics/ref
cat $D/proteins.fa extra.fa > all.fa
makeblastdb -in all.fa -dbtype prot -parse_seqids -out labdb
blastp -db labdb -query $D/proteins.fa -outfmt 6 -out hits.tsv || { echo 'search failed'; exit 1; }
wc -l hits.tsv
