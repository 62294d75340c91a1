#!/bin/bash
for f in in.cir amp.cir; do
  echo "== $f"; ngspice -b $f -o ${f%.cir}.out; r=$?; tail -n 20 ${f%.cir}.out; [ $r -eq 0 ] || fail=1
done
grep vout amp.out > gain.txt || echo "no gain values"
exit ${fail:-0}
