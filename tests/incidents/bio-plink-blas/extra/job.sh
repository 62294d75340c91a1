#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
plink1.9 --vcf $D/cohort.vcf --allow-extra-chr --double-id --memory 4000 --make-bed --out cohort
plink1.9 --bfile cohort --allow-extra-chr --freq --out cohort
