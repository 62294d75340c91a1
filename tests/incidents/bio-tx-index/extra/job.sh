#!/bin/bash
set -euo pipefail
salmon --version
salmon index -t denovo_tx.fa -i idx -k 31 -p 1
salmon quant -i idx -l A -r /data/genomics/ref/S1_R1.fastq -p 1 -o q
