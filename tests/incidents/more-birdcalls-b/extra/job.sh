#!/bin/bash
set -e
sox -n call1.wav synth 2 sine 3000:5000 trim 0 2
soxi call1.wav
for b in 64 128; do sox call1.wav -C $b call1_$b.mp3; done
echo encoded
