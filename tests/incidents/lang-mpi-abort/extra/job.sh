#!/bin/bash
mpicc -o solve solve.c || exit 1
for d in mesh; do echo "partitioned: $(ls $d | tr '\n' ' ')"; done
mpirun --oversubscribe -np 4 ./solve
rc=$?
echo "solver finished with status $rc"
exit $rc
