#!/bin/bash
set -euo pipefail
echo "aligning family"
mafft --auto --thread 1 family_A.faa > family_A.aln
fasttree -quiet family_A.aln > family_A.nwk
