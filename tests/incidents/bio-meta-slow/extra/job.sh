#!/bin/bash
set -euo pipefail
mkdir -p meta
wget -nv -O meta/runs.txt http://127.0.0.1:8090/open/runs.txt
wget --tries=2 --waitretry=1 --timeout=3 -O meta/samples.json http://127.0.0.1:8090/slow/samples.json
wc -c meta/*
