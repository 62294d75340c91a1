#!/bin/bash
set -euo pipefail
echo "samples: $(($(wc -l < conc.tsv) - 1))"
datamash -H -s -g 1 mean 2 sstdev 2 < conc.tsv > means.tsv
cat means.tsv
