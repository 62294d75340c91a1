#!/bin/bash
clingo facts.lp 0 --warn=all > o.txt; rc=$?
cat o.txt
[ $rc = 30 ] && echo "models enumerated"
