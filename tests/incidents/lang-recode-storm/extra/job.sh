#!/bin/bash
set -e
python call_loci.py
echo "$(date +%Y) calls ready"
