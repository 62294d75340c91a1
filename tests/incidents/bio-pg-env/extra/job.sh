#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
samtools flagstat $D/S1.bam | sed -n 1p
/usr/bin/python3 - <<'P'
import sys
print("python", sys.version.split()[0])
try:
    import cupy
except ImportError as e:
    print("warning:", e, "- GPU path disabled")
import pybedtools
a = pybedtools.BedTool("/data/genomics/ref/peaks.bed")
print(len(a))
P
