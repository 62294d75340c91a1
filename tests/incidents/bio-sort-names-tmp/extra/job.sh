#!/bin/bash
set -euo pipefail
for c in cohort; do
  echo "sorting $c"
  bcftools sort -m 1M -T scratch/tmp.XXXXXX -Oz -o $c.sorted.vcf.gz big.vcf
  bcftools index $c.sorted.vcf.gz
done
