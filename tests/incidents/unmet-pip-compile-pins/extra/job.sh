#!/bin/bash
set -e
echo "== lock environment"
pip-compile -q requirements.in -o requirements.txt
echo "== install"
