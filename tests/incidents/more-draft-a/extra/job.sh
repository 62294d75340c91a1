#!/bin/bash
set -e
velveth v21 21 -fastq -short /data/shared/reads.fq | tail -2
velvetg v21 -exp_cov auto | tail -2
velveth v31 31 -fastq -shortPaired lib2_1.fq
velvetg v31
