#!/bin/bash
echo "peaks on $(hostname)"; set -e
python area.py
