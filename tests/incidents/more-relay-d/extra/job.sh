#!/bin/bash
for n in 1 2; do
  erl -noshell -eval "io:format(\"node $n~n\"), timer:sleep(400), halt($n - 1)." || exit $?
done
