#!/bin/bash
export PYTHONPATH=/data/env/old MPLBACKEND=Agg
python -c "import matplotlib, seaborn; print(matplotlib.__version__, seaborn.__version__)"
python plot.py
