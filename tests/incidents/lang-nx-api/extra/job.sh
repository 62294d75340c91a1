#!/bin/bash
set -e
python laplacian.py
