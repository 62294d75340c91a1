#!/bin/bash
set -e
B=http://files.lab.internal:8077
wget -nv -O reads.fq $B/ok/reads.fq
wget -nv -O chr22.fa.gz $B/genomes/hg39/chr22.fa.gz
gzip -t chr22.fa.gz
