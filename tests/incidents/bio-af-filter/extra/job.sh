#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
bcftools view -Oz -o snps.vcf.gz -v snps $D/cohort.vcf
echo "SNPs: $(bcftools view -H snps.vcf.gz | wc -l)"
bcftools view -i 'INFO/AFF>0.1' -Oz -o common.vcf.gz snps.vcf.gz
bcftools index common.vcf.gz
