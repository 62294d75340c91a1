#!/bin/bash
set -e
wget -nv --tries=5 --waitretry=1 --retry-on-http-error=503 -O status.json http://files.lab.internal:8077/flaky/wget-retry
jq .rows status.json
