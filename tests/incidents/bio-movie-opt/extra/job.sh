#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -loglevel warning -nostdin -y -f lavfi -i testsrc=d=1:s=320x240:r=10 -c:v mpeg4 raw.avi
for q in 20 28; do ffmpeg -hide_banner -nostdin -y -i raw.avi -c:v libx264 -crff $q q$q.mp4; done
