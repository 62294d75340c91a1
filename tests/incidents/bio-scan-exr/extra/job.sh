#!/bin/bash
set -euo pipefail
convert -size 64x64 xc:white blank.png
for f in plate1.exr; do echo "$f"; identify $f; convert $f -resize 50% ${f%.exr}.png; done
montage *.png sheet.png
