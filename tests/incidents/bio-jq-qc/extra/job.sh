#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
fastp -w 1 -i $D/S1_R1.fastq -o /dev/null -j S1.json -h S1.html 2> fastp.err
jq -r '.summary.before_filtering.total_reads' S1.json
jq -r '.summary.before_filtering.q30_rate.value * 100' S1.json
