#!/bin/bash
clingo --version | head -1
clingo --time-limit=5 --quiet=1 pigeons.lp > out.txt; rc=$?
cat out.txt
[ $rc = 20 ] || [ $rc = 10 ] || [ $rc = 30 ] || exit $rc
