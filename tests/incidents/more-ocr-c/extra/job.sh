#!/bin/bash
set -e
mkdir -p txt
head -c 900 /data/shared/scan.png > scan2.png
tesseract /data/shared/scan.png txt/1 --psm 6
tesseract scan2.png txt/2 --psm 6
cat txt/*.txt > book.txt
