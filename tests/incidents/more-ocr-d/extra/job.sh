#!/bin/bash
mkdir -p txt
for p in 1 2; do tesseract /data/shared/scan.png txt/page$p.text --psm 6; done
for p in 1 2; do
  [ -s txt/page$p.text ] || { echo "ERROR: expected output txt/page$p.text was not produced"; exit 5; }
done
cat txt/*.text > book.txt
