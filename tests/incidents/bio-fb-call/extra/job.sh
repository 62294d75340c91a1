#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools view -b $D/S1.bam chr1:1-20000 > sub.bam
samtools index sub.bam
freebayes -f $D/genome.fasta -C 2 sub.bam > sub.vcf
bcftools stats sub.vcf | grep ^SN
