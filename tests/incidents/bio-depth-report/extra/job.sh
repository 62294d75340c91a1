#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
for r in chr1:1-20000 chr2:39990-40000; do samtools depth -r $r $D/S1.bam > d.tsv; echo "$r $(wc -l < d.tsv) positions"; python3 mean_depth.py d.tsv 30; done
