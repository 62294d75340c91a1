#!/bin/bash
python3 mk.py > roster.lp
glpsol --lp roster.lp --tmlim 6 -o roster.sol | grep -v '^+'
grep -q "INTEGER OPTIMAL" roster.sol || { echo "roster not proven, publishing refused"; exit 2; }
