#!/bin/bash
export PATH=/data/sw/env2/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
pip-compile -q --no-header --no-emit-index-url -o base.txt base.in && wc -l base.txt
pip-compile -q --no-header --no-emit-index-url -o dev.txt dev.in; r=$?
[ -s dev.txt ] || echo "dev.txt not renewed"
exit $r
