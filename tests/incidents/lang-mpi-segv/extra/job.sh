#!/bin/bash
mpicc -g -o particles particles.c
mpirun --oversubscribe -np 3 ./particles 1000
test $? -eq 0 && python3 plot.py
