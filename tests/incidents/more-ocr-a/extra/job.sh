#!/bin/bash
set -e
tesseract --version 2>&1 | head -2
for l in eng deu; do
  echo "page 1 ($l)"
  tesseract /data/shared/scan.png p1_$l -l $l --psm 6
done
wc -w p1_*.txt
