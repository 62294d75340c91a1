#!/bin/bash
set -euo pipefail
mkdir -p rec
ffmpeg -hide_banner -nostdin -y -i http://127.0.0.1:8554/greenhouse/cam3.ts -t 10 -c copy rec/cam3.ts
ffprobe -hide_banner rec/cam3.ts
