#!/bin/bash
set -e
uv venv -q .venv --python /usr/bin/python3
uv pip install -p .venv "idna==2.0" "tqdm" 2>&1 | grep -v -i "resolved\|prepared"
.venv/bin/python -W always -c "
import warnings, tqdm, sys, time
warnings.warn('failed to load the fast path, error handling may be slow', RuntimeWarning)
for i in tqdm.tqdm(range(30)): time.sleep(.01)
print('finished')"
