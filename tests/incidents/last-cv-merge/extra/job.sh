#!/bin/bash
echo "relaxing dimer"
python3 relax.py; r=$?
echo "relaxation ended: $r"
exit $r
