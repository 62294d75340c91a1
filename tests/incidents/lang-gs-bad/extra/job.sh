#!/bin/bash
set -e
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile=merged.pdf fig1.ps fig2.ps
ls -l merged.pdf
