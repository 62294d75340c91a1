#!/bin/bash
set -e
jellyfish --version
jellyfish count -m 11 -s 1M -t 1 -o small.jf /data/shared/ref.fa && jellyfish stats small.jf
jellyfish count -m 31 -s 3G -t 1 -o big.jf /data/shared/ref.fa
jellyfish histo big.jf
