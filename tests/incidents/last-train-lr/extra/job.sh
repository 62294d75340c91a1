#!/bin/bash
python3 step.py epochs=1 && echo "smoke test fine"
python3 step.py optim.lrate=0.01 epochs=30; r=$?
ls outputs | wc -l; exit $r
