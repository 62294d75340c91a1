#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seqtk seq -L 100 $D/primates.fa | head -4 > plasmid.fa
prodigal -i plasmid.fa -a plasmid.faa -o plasmid.gff -f gff
grep -c '>' plasmid.faa
