#!/bin/bash
set -euo pipefail
cut -f1,2 /data/genomics/ref/samples.tsv > cov.tsv
cat > p.gp <<'G'
set terminal svg; set output "cov.svg"
set title "coverage"
plot "cov.tsv" using 1:2 with lines title "cov"
G
gnuplot p.gp
ls -l cov.svg
