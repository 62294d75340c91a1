#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
vsearch --derep_fulllength $D/transcripts.fa --output u.fa --sizeout
vsearch --cluster_size u.fa --id 97 --centroids otu.fa
grep -c '>' otu.fa
