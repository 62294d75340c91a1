#!/bin/bash
set -o pipefail
for o in o2; do echo "obligation $o"; z3 -memory:4 $o.smt2 | tail -3 || exit 1; done
