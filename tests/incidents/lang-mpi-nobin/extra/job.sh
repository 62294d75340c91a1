#!/bin/bash
export OMP_NUM_THREADS=1
mpirun -np 2 lmp_mpi -in melt.in -log melt.log
echo "lammps exit: $?"
tail -n1 melt.log
