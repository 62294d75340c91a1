#!/bin/bash
set -e
sox -n loud.wav synth 2 square 440 gain 6
sox loud.wav -r 8000 out.wav gain 20 rate
sox out.wav -n stat
echo "done"
