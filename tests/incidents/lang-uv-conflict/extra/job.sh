#!/bin/bash
set -e
uv venv -q .venv --python /usr/bin/python3
uv pip install -q -p .venv "numba==0.59.1" "numpy>=2.1"
.venv/bin/python run.py
