#!/bin/bash
mpicc -w -o dns dns.c
ulimit -v 900000
mpirun --oversubscribe -np 2 ./dns 4096
echo "mpirun said $?" ; ls field.h5
