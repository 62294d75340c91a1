#!/bin/bash
mpicc -o halo halo.c && mpirun --oversubscribe -np 2 ./halo
