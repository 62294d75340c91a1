#!/bin/bash
set -e
echo "rendering"
pandoc --standalone -o report.html report.md
pandoc --bibliography refs.bib --citeproc -o paper.html paper.md
