#!/bin/bash
miniasm -V
miniasm -f /data/shared/reads.fq none.paf > a.gfa; echo "rc $?"
wc -c a.gfa
