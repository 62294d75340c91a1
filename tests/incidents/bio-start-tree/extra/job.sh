#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
raxmlHPC -y -s $D/primates.fa -m GTRGAMMA -n par -p 12 > par.log
ls RAxML_parsimonyTree.par
raxmlHPC -s $D/primates.fa -m GTRGAMMA -n ml -p 12 -t chain.nwk
cat RAxML_bestTree.ml
