#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -loglevel error -nostdin -y -f lavfi -i testsrc=d=1:s=320x240:r=10 -c:v mpeg4 raw.avi
ffmpeg -hide_banner -nostdin -y -i raw.avi -c:v h264_nvenc -preset p4 out.mp4
ffprobe -hide_banner out.mp4
