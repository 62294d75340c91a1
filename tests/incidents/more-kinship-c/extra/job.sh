#!/bin/bash
for n in 24 60; do echo "fib $n"; swipl -q -g "consult(f), call_with_time_limit(4, (fib($n,X), writeln(X)))" -t 'halt' -- || exit 2; done
