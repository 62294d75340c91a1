#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
cat $D/proteins.fa novel.fa > family.fa
echo "building profile"
hmmbuild --amino -n FAM2 fam2.hmm family.fa
hmmsearch --cpu 1 --tblout s.tbl fam2.hmm $D/proteins.fa > s.out
