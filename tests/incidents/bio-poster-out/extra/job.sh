#!/bin/bash
set -euo pipefail
mkdir -p tmp
ffmpeg -hide_banner -loglevel warning -nostdin -y -f lavfi -i testsrc=d=1:s=160x120:r=5 -c:v mpeg4 tmp/a.avi
ffmpeg -hide_banner -nostdin -y -i tmp/a.avi -c copy published/a.mkv
ffprobe published/a.mkv
