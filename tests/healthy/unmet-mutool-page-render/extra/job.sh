#!/bin/bash
mutool draw -o p.png b.pdf
rc=$?
pdftotext b.pdf b.txt
echo "mutool $rc, pdftotext $?"
exit $rc
