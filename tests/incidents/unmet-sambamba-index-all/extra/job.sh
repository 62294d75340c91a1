#!/bin/bash
set -e
for b in B.bam C.bam D.bam; do
  echo "index $b"; sambamba index -t 1 $b
done
