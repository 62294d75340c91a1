#!/bin/bash
set -uo pipefail
for l in L1 L2; do
  fasttree -nt -gtr $l.aln.fa > $l.nwk || { echo "ERROR: tree building for $l failed" >&2; exit 3; }
done
