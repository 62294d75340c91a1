#!/bin/bash
set -euo pipefail
wget --tries=5 --waitretry=1 --retry-on-http-error=503 -O run.txt http://127.0.0.1:8090/flaky/$$/run.txt
wc -l run.txt
