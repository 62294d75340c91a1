#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
plink1.9 --vcf $D/cohort.vcf --allow-extra-chr --double-id --make-bed --out cohort
plink1.9 --bfile cohort_qc --allow-extra-chr --pca 2 --out pca
head pca.eigenvec
