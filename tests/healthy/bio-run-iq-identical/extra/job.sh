#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
(cat $D/primates.fa; seqtk subseq $D/primates.fa <(echo human) | sed 's/human/human_2/'; printf '>gap only\n'; printf -- '-%.0s' $(seq 895); echo ACGTA) > a.fa
iqtree2 -s a.fa -m JC -T 1 -seed 5 -quiet --prefix t && iqtree2 -s a.fa -m JC -T 1 -seed 5 --prefix t2 --redo | grep -iE 'warn|error|note|score' 
