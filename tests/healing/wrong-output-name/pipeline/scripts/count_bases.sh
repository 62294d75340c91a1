#!/bin/bash
# count_bases.sh FASTA PREFIX: how many bases there are, into PREFIX.counts.txt
set -euo pipefail
bases=$(grep -v '^>' "$1" | tr -d '\n' | wc -c)
echo "$(basename "$2") $bases" > "$2.count.txt"
