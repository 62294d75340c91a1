#!/bin/bash
mpicc -o evolve evolve.c || exit 1
echo $$ > run.pid
exec mpirun --oversubscribe -np 2 ./evolve
