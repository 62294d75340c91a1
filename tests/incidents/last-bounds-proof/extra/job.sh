#!/bin/bash
for q in q1 q2; do
  echo "$q:"; cvc5 --lang=smt2 --tlimit-per=5000 --produce-modells $q.smt2 > $q.out; r=$?; cat $q.out
done
echo "solver exit $r"; exit $r
