#!/bin/bash
mkdir -p meta
cp /data/shared/scan.jpg s1.jpg; head -c 4096 /data/shared/scan.png > s2.jpg; cp /data/shared/scan.jpg s3.jpg
for f in s1 s2 s3; do
  echo "tagging $f"
  exiftool -overwrite_original -Artist="Imaging Core" -Copyright=2026 $f.jpg || exit 1
done
exiftool -csv -Artist s?.jpg > meta/tags.csv
