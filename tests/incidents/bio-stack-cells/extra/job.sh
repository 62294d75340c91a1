#!/bin/bash
set -euo pipefail
export MAGICK_MEMORY_LIMIT=64MiB MAGICK_MAP_LIMIT=64MiB MAGICK_DISK_LIMIT=128MiB
identify -list resource | head -8
convert -size 3000x3000 gradient: tile.png
convert tile.png -resize 12000x12000 mosaic.tif
identify mosaic.tif
