#!/bin/bash
set -euo pipefail
echo "resuming archive download"
aria2c --console-log-level=notice --summary-interval=2 -o archive.txt http://127.0.0.1:8090/drip/archive.txt
wc -l archive.txt
