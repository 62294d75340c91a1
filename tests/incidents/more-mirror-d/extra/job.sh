#!/bin/bash
axel --version | head -1
for f in a b; do axel -n 1 -T 3 --max-redirect=1 -o $f http://data.lab.local:$([ $f = a ] && echo 8089/ok || echo 8090)/$f.tsv || exit 2; done
cat a b
