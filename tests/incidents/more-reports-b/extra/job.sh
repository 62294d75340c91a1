#!/bin/bash
set -eo pipefail
cp /data/shared/note.pdf main.pdf
pdfinfo main.pdf | grep -E "Pages|Producer"
pdfunite main.pdf supplement.pdf book.pdf
pdftoppm -r 60 -png book.pdf page
