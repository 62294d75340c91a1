#!/bin/bash
set -e
for b in 1 2; do
  echo "### bin.$b" 
  prodigal -i bin.$b.fa -a bin.$b.faa -f gff -o bin.$b.gff -p single
done
