#!/bin/bash
export PATH=/data/sw/env2/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
pdm lock --no-isolation; r=$?
pdm export -o req.txt 2>&1 | tail -n 1
exit $r
