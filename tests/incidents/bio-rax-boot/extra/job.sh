#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "starting bootstraps"
raxmlHPC -s $D/primates.fa -m GTRGAMMA -n bs -p 12 -b 77 -N 2000
raxmlHPC -m GTRCAT -J MR -z RAxML_bootstrap.bs -n cons
