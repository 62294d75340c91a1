#!/bin/bash
set -euo pipefail
mkdir -p mine
rsync -av --exclude '*.tmp' shared/ mine/
ls mine | wc -l
