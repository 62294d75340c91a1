#!/bin/bash
cp /data/shared/scan.jpg a.jpg; head -c 3000 /data/shared/scan.jpg > b.jpg; touch c.txt
exiftool -FileType -ImageSize a.jpg b.jpg c.txt
exiftool -csv -Error -Warning a.jpg b.jpg > t.csv; cat t.csv
echo "catalogue written"
