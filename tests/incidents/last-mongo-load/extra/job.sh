#!/bin/bash
python3 step.py; r=$?
echo "loader exit $r"
exit $r
