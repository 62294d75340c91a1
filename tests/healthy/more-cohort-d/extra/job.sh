#!/bin/bash
export MPLBACKEND=Agg
python -W default plot.py 2>&1 && ls v.png
