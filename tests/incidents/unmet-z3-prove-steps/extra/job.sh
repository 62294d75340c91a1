#!/bin/bash
set -e
for f in hard.smt2; do
   echo "[prove] $f"
   out=$(z3 -T:5 $f)
   echo "$out"
   [ "$out" = unsat ] || { echo "[prove] $f not proved"; exit 2; }
done
