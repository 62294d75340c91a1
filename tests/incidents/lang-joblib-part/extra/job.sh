#!/bin/bash
set -e
python run.py
echo "all parts counted"
