#!/bin/bash
python3 mk.py > week.cnf
head -n 1 week.cnf
minisat week.cnf week.out
case $? in 10) echo feasible;; 20) echo infeasible;; *) echo "solver ended early"; exit 3;; esac
