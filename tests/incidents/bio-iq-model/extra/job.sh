#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
iqtree2 -s $D/primates.fa -m GTTR+G4 -T 1 -seed 5 --prefix tree
iqtree2 -s $D/primates.fa -te tree.treefile -m GTR+G4 -T 1 --prefix eval
