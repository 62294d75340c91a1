#!/bin/bash
set -e
octave-cli --quiet --eval "disp(version())"
octave-cli --quiet bands.m signal.csv > bands.txt
