#!/bin/bash
export PYTHONPATH=.
python -m pytest -q --timeout=5 test_fit.py
rc=$?; echo "suite ended with $rc"; exit $rc
