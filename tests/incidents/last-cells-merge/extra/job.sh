#!/bin/bash
python3 step.py; r=$?
ls -l m.h5ad | cut -d" " -f5
exit $r
