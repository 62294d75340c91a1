#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seq 1 40 | parallel --will-cite -j 2 'echo start {}; sleep 1.5; seq {} > part.{}.txt; echo end {}'
n=$(ls part.*.txt | wc -l); echo "$n of 40 parts"
[ "$n" -eq 40 ]
