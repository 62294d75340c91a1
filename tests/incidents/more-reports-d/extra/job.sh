#!/bin/bash
cp /data/shared/note.pdf report.pdf
pdfinfo report.pdf | grep -E "Pages|File size"
mkdir -p fig
pdfimages -png report.pdf fig/panel
echo "images extracted"
montage_list=$(ls fig/panel-*.png) || exit 4
wc -c $montage_list
