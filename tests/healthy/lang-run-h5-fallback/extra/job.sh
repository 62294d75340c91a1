#!/bin/bash
set -e
python load.py cells.h5ad
echo ok
