#!/bin/bash
set -eo pipefail
echo "sox $(sox --version)"
sox -n raw.wav synth 3 pinknoise
sox raw.wav -n stat 2>&1 | head -4
sox raw.wav filt.wav highpass 800 lowpass 12k gain -n -3 rate -x 22050
sox filt.wav -n spectrogram -o filt.png
