#!/bin/bash
set -e
export T=8
python lrmap.py --aligner minimap2 --threads $T r1.fq

python lrmap.py --aligner bwa-mem --threads $T r2.fq
