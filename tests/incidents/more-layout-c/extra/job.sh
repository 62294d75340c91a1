#!/bin/bash
for n in 30 4000; do echo "n=$n"; clingo -c n=$n grid.lp --quiet=2 > g$n.txt; rc=$?; tail -2 g$n.txt; [ $rc = 10 ] || [ $rc = 30 ] || exit $rc; done
