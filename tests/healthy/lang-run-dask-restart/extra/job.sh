#!/bin/bash
set -e
python sweep.py 2>&1
