#!/bin/bash
set -e
export CH_IMAGE_STORAGE=$PWD/chstore
echo "running QC in the container"
ch-run ./images/fastqc-0.12 -- fastqc --version
echo "qc done"
