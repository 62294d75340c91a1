#!/bin/bash
set -e
echo "=== $(date) optuna study"
python3 study.py
echo "=== plots"
