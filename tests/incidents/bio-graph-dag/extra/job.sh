#!/bin/bash
set -e
(echo 'digraph steps {'; while read a b; do echo "  $a -> $b;"; done < steps.txt; echo '}') > dag.dot
dot -Tplain dag.dot | head -2
dot -Tsvg -o dag.svg dag.dot
