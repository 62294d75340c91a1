#!/bin/bash
set -euo pipefail
ffmpeg -hide_banner -nostdin -y -f lavfi -i sine=f=440:d=2 tone.wav
ffmpeg -hide_banner -nostdin -y -i tone.wav -c:a libfdk_aac -vbr 4 tone.m4a
ffprobe -hide_banner tone.m4a
