#!/bin/bash
set -e
echo "compile"; erlc cache.erl
echo "run"; erl +MIscs 64 +S 1 -noshell -run cache main -s init stop
