#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
bcftools view -H $D/cohort.vcf | wc -l
snpEff ann -dataDir $PWD/data -noStats GRCh38.99 $D/cohort.vcf > ann.vcf
grep -c ANN= ann.vcf
