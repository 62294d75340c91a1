#!/bin/bash
ulimit -u 200
echo "limits: $(ulimit -u) processes"
python fanout.py
