#!/bin/bash
cat panel_a.bed panel_b.bed | bgzip -c > panel.bed.gz
for f in panel.bed.gz; do echo "indexing $f"; tabix -f -p bed $f; done
for r in chr1:1-5000 chr1:20000-30000; do tabix panel.bed.gz $r; done > hits.bed
wc -l hits.bed
[ -s hits.bed ] || exit 1
