#!/bin/bash
set -e
ulimit -S -t 3
for f in a b; do echo "compressing $f"; xz -9e -T1 -k -f $f.txt; ls -l $f.txt.xz | awk '{print $5}'; done
