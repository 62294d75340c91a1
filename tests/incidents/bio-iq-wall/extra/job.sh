#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
timeout -v 4 iqtree2 -s $D/primates.fa -m MFP -b 500 -T 1 -seed 5 --prefix boot
cat boot.contree
