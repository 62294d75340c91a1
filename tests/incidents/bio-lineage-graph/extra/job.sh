#!/bin/bash
set -euo pipefail
awk 'BEGIN{print "digraph g{"; for(i=0;i<300000;i++) print "n" i " -> n" i+1 ";"; print "}"}' > lineage.dot
wc -l lineage.dot
acyclic -v -o lineage.acyclic.dot lineage.dot
echo "reduced to $(wc -l < lineage.acyclic.dot) lines"
