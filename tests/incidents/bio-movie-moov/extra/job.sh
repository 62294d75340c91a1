#!/bin/bash
set -euo pipefail
ls -l cam1.mp4 | awk '{print $5}'
ffmpeg -hide_banner -nostdin -y -i cam1.mp4 -vf fps=1 -qscale:v 2 frame_%03d.jpg
ls frame_*.jpg | wc -l
