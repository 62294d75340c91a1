#!/bin/bash
set -e
PYTHONPATH=. python -m pytest -v -rxXs -p no:cacheprovider tests
