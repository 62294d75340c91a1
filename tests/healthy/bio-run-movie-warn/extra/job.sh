#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -nostdin -y -i cut.avi -c:v mjpeg -pix_fmt yuvj420p -vsync 0 out.avi
ffprobe -hide_banner out.avi
