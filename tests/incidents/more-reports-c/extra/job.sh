#!/bin/bash
set -e
echo "$(date +%F) extracting text of consent forms"
pdfinfo -upw "$PDF_PW" forms.pdf
pdftotext forms.pdf forms.txt
grep -c participant forms.txt
