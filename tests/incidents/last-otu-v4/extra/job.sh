#!/bin/bash
mkdir -p out; cp run1.fasta out/
cd out; mothur ../v4.batch > mothur.log; r=$?
cat mothur.log | tail -n 30
ls *.list 2>/dev/null || echo "no otu list"
exit $r
