#!/bin/bash
set -euo pipefail
for s in S1 S2; do
  jq -r '[.summary.after_filtering.total_reads, .summary.after_filtering.gc_content] | @tsv' $s.json
done > qc.tsv
cat qc.tsv
