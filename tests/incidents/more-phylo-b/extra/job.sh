#!/bin/bash
set -e
clustalo --version
for f in f1 f2; do clustalo -i $f.fa -o $f.aln --threads=1; head -2 $f.aln; done
