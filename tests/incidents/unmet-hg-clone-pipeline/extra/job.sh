#!/bin/bash
set -e
echo "== fetch pipeline code"
hg clone --config ui.timeout=5 http://archive.lab.internal:8085/busy/pipelines/qc qc
echo "== run"
cd qc && ./run.sh
