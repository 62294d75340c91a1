#!/bin/bash
set -euo pipefail
for i in 1 2 3 4; do wget -nv -O cache/part$i.txt http://127.0.0.1:8090/open/part$i.txt; done
cat cache/part*.txt > all.txt
