#!/bin/bash
set -e
mkdir -p qc && cp /data/shared/counts.tsv qc/
multiqc --version
multiqc qc --moduls fastqc -o mq
