#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seqtk subseq $D/proteins.fa <(printf 'prot01\nprot02\nprot05\n') > sub.fa
muscle -in sub.fa -out sub.aln -maxiters 2
fasttree -quiet sub.aln > sub.nwk
cat sub.nwk
