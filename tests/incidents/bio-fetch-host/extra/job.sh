#!/bin/bash
set -euo pipefail
mkdir -p refs
for f in genome.fa.gz genes.gtf.gz; do
  wget -q --show-progress --tries=2 --waitretry=1 -P refs http://ftp.genomes.invalid/release-110/$f || wget --tries=1 -P refs http://mirror.genomes.invalid/release-110/$f
done
zcat refs/genome.fa.gz | grep -c '>'
