#!/bin/bash
set -eo pipefail
echo "counting 31-mers"
jellyfish count -m 31 -s 3G -t 1 -C asm.fa -o asm.jf
jellyfish histo asm.jf > asm.histo
