#!/bin/bash
module load gpaw 2>/dev/null
echo "host $(hostname)  $(date +%F)"
python3 relax.py
