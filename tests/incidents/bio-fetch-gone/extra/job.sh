#!/bin/bash
set -euo pipefail
for r in 98 110; do
  wget -nv -O annot_$r.gtf http://127.0.0.1:8090/$([ $r = 98 ] && echo open || echo absent)/release-$r/annot.gtf
done
wc -l annot_*.gtf
