#!/bin/bash
echo "ecl $(ecl --version)"
ecl --heap-size 20000000 --shell sim.lisp
wc -l traj.csv
