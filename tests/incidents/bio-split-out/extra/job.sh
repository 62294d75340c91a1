#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mkdir -p parts
bedtools split -i $D/peaks.bed -n 2 -p parts/peaks -a simple
for i in 1 2; do [ -e parts/peaks.$i.bed ] || { echo "missing output: parts/peaks.$i.bed (expected after split)" >&2; exit 1; }; done
