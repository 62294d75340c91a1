#!/bin/bash
set -euo pipefail
cat > an.m <<'M'
disp("loading"); pkg load statistics
d = dlmread("/data/genomics/ref/counts.tsv", "\t", 1, 1);
[coeff, score] = pca(d);
save -text pca.txt score
M
octave --no-gui --quiet an.m
