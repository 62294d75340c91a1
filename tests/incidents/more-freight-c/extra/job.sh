#!/bin/bash
set -e
python3 gen.py > cost.mod
echo "model of $(wc -c < cost.mod) bytes"
glpsol -m cost.mod -o cost.sol
