#!/bin/bash
set -euo pipefail
mkdir -p remote
rsync -a --bwlimit=100 --info=name1 raw/ remote/
echo "pushed $(ls remote | wc -l) files"
