#!/bin/bash
set -euo pipefail
convert -size 300x200 gradient:blue-white fig1.png
convert -size 300x200 plasma: fig2.png
montage fig1.png fig2.png -tile 1x2 -geometry +4+4 panel.png
convert panel.png panel.pdf
ls -l panel.pdf
