#!/bin/bash
set -e
seqtk fqchk r1.fq | head -n 4
abyss-pe name=lib1 k=25 j=1 B=6G kc=2 in='r1.fq r2.fq'
