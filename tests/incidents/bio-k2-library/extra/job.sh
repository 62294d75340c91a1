#!/bin/bash
set -euo pipefail
mkdir -p db/taxonomy
echo "downloading taxonomy"
wget -nv --tries=1 --timeout=5 -P db/taxonomy ftp://ftp.ncbi.invalid/pub/taxonomy/taxdump.tar.gz
tar -C db/taxonomy -xzf db/taxonomy/taxdump.tar.gz
kraken2-build --build --db db
