#!/bin/bash
set -e
kmc -k27 -m2 -t1 -fm -ci1 asm.fa asm27 /scratch/kmc_tmp_ahsu
kmc_tools transform asm27 histogram asm27.histo
