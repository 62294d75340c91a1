#!/bin/bash
echo "reads: $(($(wc -l < r.fq)/4))"
awk 'NR%4==1' r.fq | head -n 2
cat r.fq r.fq r.fq > pooled.fq || exit 2
seqkit stats pooled.fq
