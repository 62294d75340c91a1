#!/bin/bash
set -e
datalad --version
cd src && datalad run -m "stats" --output vol3.txt --inputs vol1.bin "wc -c vol1.bin > vol3.txt"
