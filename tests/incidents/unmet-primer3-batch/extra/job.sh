#!/bin/bash
set -u
primer3_core --strict_tags panel.p3 | tee panel.out
n=$(grep -c '^PRIMER_ERROR' panel.out)
if [ "$n" -gt 0 ]; then
  echo "design stopped: $n locus with errors, panel not written" >&2
  exit 1
fi
