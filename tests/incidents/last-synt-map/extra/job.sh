#!/bin/bash
nucmer --version
nucmer -p ab asmA.fa asmB.fa
delta-filter -1 ab.delta > ab.1.delta
show-coords -rcl ab.1.delta | head
test -s ab.1.delta || { echo "no alignments"; exit 2; }
