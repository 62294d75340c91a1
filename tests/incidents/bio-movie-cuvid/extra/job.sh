#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -loglevel error -nostdin -y -f lavfi -i testsrc=d=1:s=320x240:r=10 -c:v mpeg4 raw.avi
for i in raw; do ffmpeg -hide_banner -nostdin -y -init_hw_device cuda=gpu:0 -hwaccel cuda -i $i.avi -vf fps=2 f_%02d.png; done
ls f_*.png | wc -l
