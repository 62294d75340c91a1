#!/bin/bash
set -e
pip --version >/dev/null
python -X faulthandler embed.py points.csv
