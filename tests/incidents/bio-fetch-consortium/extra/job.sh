#!/bin/bash
set -euo pipefail
cd /tmp && mkdir -p dl_$$ && cd dl_$$
wget -nv http://127.0.0.1:8090/open/manifest.txt
for f in EGAF01 EGAF02; do wget --progress=dot:mega http://127.0.0.1:8090/members/$f.bam.c4gh; done
md5sum *
