#!/bin/bash -ue
python3 /data/project/run12753/fit.py > o.txt
