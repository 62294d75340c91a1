#!/bin/bash
set -e
export HOME=/tmp
jupyter nbconvert --to notebook --execute --ExecutePreprocessor.timeout=5 --output done.ipynb fit.ipynb
echo "notebook executed"
