#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
ls sw/bin
seqtk comp $D/primates.fa | cut -f1-3 | sed -n 1,2p
sw/bin/gccount $D/genome.fa
