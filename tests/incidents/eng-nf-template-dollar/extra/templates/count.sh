#!/bin/bash
set -e
for f in $fa; do
  n=\$(grep -c ">" $f)
  echo "$f \$n" >> n.txt
done
