#!/bin/bash
python3 step.py; r=$?
ls *.tif 2>/dev/null | wc -l
exit $r
