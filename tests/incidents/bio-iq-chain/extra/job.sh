#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
iqtree2 -s $D/primates.fa -te chain.nwk -m JC -T 1 --prefix te
grep 'Log-likelihood' te.iqtree
