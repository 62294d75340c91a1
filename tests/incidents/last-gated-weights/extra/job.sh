#!/bin/bash
python3 step.py; r=$?
exit $r
