#!/bin/bash
set -euo pipefail
for f in runs_a runs_b; do zstd -q -d $f.zst -o $f.txt; wc -c < $f.txt; done
cat runs_a.txt runs_b.txt | sort -u | wc -l
