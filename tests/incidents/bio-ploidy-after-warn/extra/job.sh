#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
head -c 2000 $D/S2.bam > part.bam; samtools quickcheck part.bam || echo "part.bam is incomplete, leaving it out"
samtools index -c $D/S9.bam 2>/dev/null || echo "S9.bam: permission denied or absent, skipped"
bcftools mpileup -f $D/genome.fa $D/S1.bam $D/S2.bam | bcftools call -mv --ploidy GRCh39 -Oz -o calls.vcf.gz
bcftools index calls.vcf.gz
