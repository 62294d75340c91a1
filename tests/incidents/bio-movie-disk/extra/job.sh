#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -nostdin -y -f lavfi -i testsrc=d=4:s=640x480:r=15 -c:v rawvideo -pix_fmt yuv420p vol/stack.avi
ffmpeg -hide_banner -nostdin -y -i vol/stack.avi -vf scale=160:-1 small.mp4
