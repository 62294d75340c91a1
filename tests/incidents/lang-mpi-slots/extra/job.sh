#!/bin/bash
set -e
mpicc -O1 -o ring ring.c
mpirun -np 12 ./ring
echo "ring done"
