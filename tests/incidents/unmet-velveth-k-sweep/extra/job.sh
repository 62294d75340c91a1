#!/bin/bash
set -e
velveth asm_21 21 -fastq -short r.fq
velvetg asm_21 -exp_cov auto
velvetg asm_25 -exp_cov auto
