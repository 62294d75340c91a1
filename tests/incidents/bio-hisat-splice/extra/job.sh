#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
hisat2-build -q $D/genome.fa hs
hisat2_extract_splice_sites.py $D/genes.gtf > splice.txt
echo "splice sites: $(wc -l < splice.txt)"
hisat2 -p 1 --dta --rna-strandess RF --known-splicesite-infile splice.txt -x hs -1 $D/S1_R1.fastq -2 $D/S1_R2.fastq -S S1.sam
samtools sort -o S1.bam S1.sam
