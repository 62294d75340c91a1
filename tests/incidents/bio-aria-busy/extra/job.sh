#!/bin/bash
set -euo pipefail
printf 'http://127.0.0.1:8090/open/a.txt\nhttp://127.0.0.1:8090/mirror/b.txt\n' > urls.txt
aria2c --console-log-level=warn --summary-interval=0 --max-tries=2 --retry-wait=1 -i urls.txt
ls -l a.txt b.txt
