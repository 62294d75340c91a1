#!/bin/bash
set -e
python3 mesh.py 0.2
python3 mesh.py 0.1
ls -l *.msh
