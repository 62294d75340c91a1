#!/bin/bash
set -euo pipefail
iqtree2 -s loci.fa -m GTR+G -T 1 -seed 5 --prefix loci
cat loci.treefile
