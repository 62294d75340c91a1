#!/bin/bash
set -e
echo "[1/3] correlations"
echo "[2/3] network"
python3 coexp.py
echo "[3/3] modules"
