#!/bin/bash
set -euo pipefail
D=/data/genomics/ref
seqtk comp $D/proteins.fa | cut -f1,2 | sed -n 1,3p
perl -e 'use strict; use Bio::Tools::Run::StandAloneBlastPlus; print "ok\n"; '
echo "searched"
