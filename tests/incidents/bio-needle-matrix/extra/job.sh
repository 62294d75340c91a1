#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seqtk subseq $D/primates.fa <(echo human) > a.fa; seqtk subseq $D/primates.fa <(echo chimp) > b.fa
needle -auto -asequence a.fa -bsequence b.fa -datafile EDNAFUL -outfile ab.needle
grep Identity ab.needle
