#!/bin/bash
set -e
cd s
velveth v21 21 -fastq -short /data/shared/reads.fq
velvetg v21 -cov_cutoff 2 || { rc=$?; df -h . | tail -1; ls -l v21; exit $rc; }
tail -1 v21/Log
