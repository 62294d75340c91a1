#!/bin/bash
python3 step.py; r=$?
ls -l cov.bw | cut -d" " -f5
exit $r
