#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
bcftools view -v indels,snps $D/cohort.vcf > c.vcf
python3 table.py c.vcf > table.tsv
cut -f3 table.tsv | sort -n | tail -1
