#!/bin/bash
python3 step.py; r=$?
ls -l t2m.nc
exit $r
