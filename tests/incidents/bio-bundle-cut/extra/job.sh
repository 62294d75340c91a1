#!/bin/bash
set -euo pipefail
aria2c --console-log-level=warn --summary-interval=0 --max-tries=2 --retry-wait=1 -o bundle.txt http://127.0.0.1:8090/cut/bundle.txt
tail -1 bundle.txt
