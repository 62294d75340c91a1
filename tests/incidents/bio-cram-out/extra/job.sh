#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools view -b $D/S1.bam chr1:1-9000 > sub.bam
samtools index sub.bam
freebayes -f $D/genome.fa -v delivered/calls.vcf sub.bam
wc -l delivered/calls.vcf
