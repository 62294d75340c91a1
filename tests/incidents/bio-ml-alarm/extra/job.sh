#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
run_limited() { perl -e 'alarm shift; exec @ARGV' "$@"; }
run_limited 20 fasttree -quiet -nt $D/primates.fa > quick.nwk
echo "quick tree done, starting the thorough search"
run_limited 4 raxmlHPC -s $D/primates.fa -m GTRGAMMA -n full -p 3 -N 500 > raxml.log
ls RAxML_bestTree.full
