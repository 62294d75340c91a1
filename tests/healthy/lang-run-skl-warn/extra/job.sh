#!/bin/bash
set -e
python fit.py
echo "model written"; ls model.npz
