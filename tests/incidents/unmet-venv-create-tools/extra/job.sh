#!/bin/bash
set -e
python3 --version
python3 -m venv env
. env/bin/activate
pip install -r requirements.txt
