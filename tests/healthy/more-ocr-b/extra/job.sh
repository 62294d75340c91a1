#!/bin/bash
tesseract /data/shared/scan.png p1 -l eng --psm 6
tesseract /data/shared/blank.png p2 -l eng
wc -c p1.txt p2.txt
echo "all pages read"
