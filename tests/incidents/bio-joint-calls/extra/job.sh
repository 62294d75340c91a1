#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for s in S1 S2; do echo "[$s] filtering"; bcftools filter -e 'QUAL<20' -Oz -o $s.flt.vcf.gz $D/$s.vcf.gz; bcftools index -t $s.flt.vcf.gz; done
cp S1.flt.vcf.gz S1b.flt.vcf.gz; cp S1.flt.vcf.gz.tbi S1b.flt.vcf.gz.tbi
bcftools merge -Oz -o merged.vcf.gz S1.flt.vcf.gz S1b.flt.vcf.gz S2.flt.vcf.gz
bcftools stats merged.vcf.gz > merged.stats
