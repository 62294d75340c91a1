#!/bin/bash
set -e
for i in 1 2 3; do wget -nv --tries=3 --waitretry=1 --retry-on-http-error=503 -O b$i.bed http://files.lab.internal:8077/$([ $i = 2 ] && echo 503 || echo ok)/b$i.bed; done
cat b*.bed > all.bed
