#!/bin/bash
python -c "import geopandas as g; print(g.__version__)"
python world.py
