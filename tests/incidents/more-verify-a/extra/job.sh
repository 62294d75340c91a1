#!/bin/bash
echo "checking 2 obligations"
printf '(declare-const x Int)\n(assert (> (* x x) 4))\n(check-sat)\n' > o1.smt2
for o in o1 o2; do z3 -T:5 $o.smt2 | tee $o.res; grep -Eq '^(sat|unsat)' $o.res || { echo "$o undecided"; exit 1; }; done
