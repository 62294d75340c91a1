#!/bin/bash
set -e
echo "$(date +%T) building table"
awk 'BEGIN{for(i=0;i<5000000;i++) printf "r%d\tc%d\t%d\n",i,i%7,i}' > long.tsv
ls -lh long.tsv
echo "$(date +%T) pivot"
datamash -s crosstab 1,2 unique 3 < long.tsv > wide.tsv
rm long.tsv
