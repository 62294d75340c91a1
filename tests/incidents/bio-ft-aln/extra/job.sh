#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mafft --quiet --retree 1 $D/proteins.fa > p.aln
cat p.aln new_isolate.faa > all.aln
fasttree all.aln > all.nwk
