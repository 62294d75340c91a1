#!/bin/bash
set -e
for f in nfs/*.tsv; do
  echo "packing $f"
  zstd -q -f -o out/$(basename $f).zst $f
done
ls -l out
