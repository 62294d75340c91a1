#!/bin/bash
set -e
for f in c1 c2; do sox $f.wav -r 4000 $f.4k.wav; soxi $f.4k.wav; done
