#!/bin/bash
set -euo pipefail
cat run1.fa run2.fa > both.fa
raxmlHPC -s both.fa -m GTRGAMMA -n both -p 12
cat RAxML_bestTree.both
