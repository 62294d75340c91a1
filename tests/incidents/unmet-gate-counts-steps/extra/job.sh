#!/bin/bash
set -e
echo "1. stats"; seqkit stats s.fq
echo "2. split"; seqkit split2 -s 100 -O parts s.fq
echo "3. rename"; for f in parts/*.fq; do seqkit rename $f > ${f%.fq}.renamed.fq 2>/dev/null; done
for i in 001 002 003 004; do
  [ -e parts/s.part_$i.renamed.fq ] || { echo "Error: parts/s.part_$i.renamed.fq was not created by step 2 or 3"; exit 1; }
done
