#!/bin/bash
set -e
for f in run1 run2; do echo "check $f"; pigz -t -p 1 $f.fq.gz; done
pigz -dc run1.fq.gz run2.fq.gz | wc -l
