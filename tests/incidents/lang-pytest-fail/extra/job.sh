#!/bin/bash
set -e
python -m pytest -q tests 2>&1 | tee pytest.log; test ${PIPESTATUS[0]} -eq 0
python -m normalise.cli counts.csv
