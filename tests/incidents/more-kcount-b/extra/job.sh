#!/bin/bash
for s in ref contam; do echo "counting $s"; jellyfish count -m 21 -s 1M -o $s.jf /data/shared/$s.fa || exit 1; done
