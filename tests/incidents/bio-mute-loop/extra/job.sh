#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do
  vcftools --gzvcf $D/$s.vcf.gz --out $s --hardy > /dev/null 2>&1
  echo "$s done"
done
grep -q chrM S2.hwe
echo "finished"
