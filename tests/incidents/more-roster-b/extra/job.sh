#!/bin/bash
python3 mk.py > roster.lp
cbc roster.lp seconds 5 solve solution roster.sol > cbc.log; tail -12 cbc.log
head -1 roster.sol
grep -q "^Optimal" roster.sol || exit 1
