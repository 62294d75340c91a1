#!/bin/bash
set -euo pipefail
mkdir -p incoming
for p in batch1 batch2; do
  rsync -av --timeout=10 rsync://127.0.0.1:8873/seq/$p/ incoming/$p/
done
ls incoming
