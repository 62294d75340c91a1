#!/bin/bash
echo "reads: $(( $(wc -l < r.fq) / 4 ))"
smalt map -n 1 -o r.sam idx/k13 r.fq; r=$?
samtools flagstat r.sam
exit $r
