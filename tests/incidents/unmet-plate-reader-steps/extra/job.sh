#!/bin/bash
set -euo pipefail
echo "plates: $(ls p?.csv | wc -l)"
for p in p1 p2; do
  csvstat --mean -c v $p.csv 2>/dev/null
done
csvstack p1.csv p2.csv > all.csv
echo "writing to ${OUT_DIR}/all.csv"
mv all.csv "$OUT_DIR/"
