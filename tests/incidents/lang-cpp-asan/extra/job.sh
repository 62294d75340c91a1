#!/bin/bash
set -e
g++ -g -O0 -fsanitize=address -fno-omit-frame-pointer -o trim trim.cpp
for r in ACGTTTTT GGGGA TTTTTTTT; do ./trim $r; done
