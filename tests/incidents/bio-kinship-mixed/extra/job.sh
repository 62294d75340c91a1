#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
echo "cannot allocate 200 GB for the dense matrix, using the sparse path" >&2
plink1.9 --vcf $D/cohort.vcf --allow-extra-chr --double-id --make-bed --out co --silent
timeout 20 plink1.9 --bfile co --allow-extra-chr --pheno traits/height_2025.txt --assoc --allow-no-sex --out co
awk '$9<1e-5' co.qassoc | wc -l
