#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -nostdin -y -re -f lavfi -i testsrc=d=60:s=320x240:r=10 -c:v mpeg4 long.avi
ffprobe long.avi
