#!/bin/bash
set -e
seq 30 | shuf > n.txt
cwltool --outdir out sort.cwl --inp n.txt
cat out/sorted.txt | head -3
