#!/bin/bash
set -euo pipefail
perl -v | sed -n 2p
perl filter_gtf.pl /data/genomics/ref/genes.gtf > exons.gtf
wc -l exons.gtf
