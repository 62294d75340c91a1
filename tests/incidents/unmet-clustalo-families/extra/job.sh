#!/bin/bash
set -e
mkdir -p aln
for f in fam_0412.faa fam_0413.faa; do
    echo "[$(date +%T)] aligning $f"
    clustalo -i $f -o aln/${f%.faa}.aln --outfmt=nexus --threads=1
done
echo "all families aligned"
