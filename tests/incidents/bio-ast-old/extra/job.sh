#!/bin/bash
set -euo pipefail
pandoc --version | sed -n 1p
for p in ch1 ch2; do pandoc -f json -t html -o $p.html $p.json; echo "$p ok"; done
cat ch1.html ch2.html > book.html
