#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
mafft --quiet --auto $D/proteins.fa > prot.aln
hmmbuild --amino -n FAM1 fam.hmm prot.aln
hmmscan --cpu 1 --tblout scan.tbl fam.hmm $D/proteins.fa > scan.out
grep -vc '^#' scan.tbl
