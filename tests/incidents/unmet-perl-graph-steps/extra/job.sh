#!/bin/bash
set -e
echo "edges: $(wc -l < e.tsv)"
datamash -s -g 1 count 2 < e.tsv
perl -v | sed -n 2p
perl g.pl e.tsv > comps.txt
echo "components written"
