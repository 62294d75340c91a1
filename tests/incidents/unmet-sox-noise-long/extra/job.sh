#!/bin/bash
set -e
soxi c1.wav
echo "synthesis of the masker"
sox -n -r 44100 -c 8 big.wav synth 100000 pinknoise
echo "mix"
