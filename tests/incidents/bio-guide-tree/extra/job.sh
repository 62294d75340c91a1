#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
fasttree -quiet -nt $D/primates.fa > ft0.nwk
fasttree -nt -intree chain.nwk $D/primates.fa > ft1.nwk
cat ft1.nwk
