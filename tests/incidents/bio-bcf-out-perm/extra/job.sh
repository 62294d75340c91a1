#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
bcftools view -v snps $D/cohort.vcf | bcftools +fill-tags -- -t AF | bcftools view -i 'AF>0.2' -Oz -o /data/genomics/ref/common.vcf.gz
bcftools index /data/genomics/ref/common.vcf.gz
