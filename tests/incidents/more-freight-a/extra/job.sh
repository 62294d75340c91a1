#!/bin/bash
set -e
for q in q1 q2; do
  echo "quarter $q"
  glpsol -m freight.mod -d $q.dat -o $q.sol
done
grep Objective q?.sol
