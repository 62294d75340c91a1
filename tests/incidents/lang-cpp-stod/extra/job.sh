#!/bin/bash
g++ -O1 -o zscore zscore.cpp
for t in t1 t2 t3; do
  ./zscore $t.txt > $t.z || { echo "zscore failed on $t ($?)" >&2; exit 4; }
  echo "$t done"
done
