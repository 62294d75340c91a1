#!/bin/bash
export PATH=/data/sw/env2/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
cat req.in
pip-compile -q --no-header --no-emit-index-url -o req.txt req.in; r=$?
wc -l req.txt; exit $r
