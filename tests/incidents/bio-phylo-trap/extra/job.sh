#!/bin/bash
set -u
trap 'echo "caught SIGTERM, removing partial trees"; kill $(jobs -p) 2>/dev/null; rm -f part.*; exit 143' TERM
D=/data/genomics/ref
(iqtree2 -s $D/primates.fa -m GTR+I+G -b 900 -T 1 --prefix part.bs | grep -E 'BOOTSTRAP|Command') &
wait $!
mv part.bs.contree final.nwk
