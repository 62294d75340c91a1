#!/bin/bash
set -euo pipefail
mkdir -p out
bedtools getfasta -fi shared/asm.fa -bed r.bed -fo out/r.fa
grep -c '>' out/r.fa
