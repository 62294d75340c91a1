#!/bin/bash
racon --version
racon -t 1 /data/shared/reads.fq ovl.txt /data/shared/ref.fa > pol.fa || { echo "polish failed"; exit 1; }
