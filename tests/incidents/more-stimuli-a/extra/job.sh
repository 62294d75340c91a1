#!/bin/bash
set -e
cd s
for f in 220 330 440 550 660; do
  echo "rendering $f Hz"
  sox -V3 -n -r 44100 -b 16 tone_$f.wav synth 10 sine $f gain -3
done
ls -l *.wav
for f in 220 330 440 550 660; do [ $(stat -c %s tone_$f.wav) -gt 800000 ] || { echo "tone_$f.wav is short"; exit 1; }; done
