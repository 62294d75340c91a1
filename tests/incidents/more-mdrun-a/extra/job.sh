#!/bin/bash
source /etc/profile.d/lmod.sh
module use $PWD/mods
module load gcc/12.2 || exit 1
module load mpi/4.1 || exit 1
module list
mpirun -n 2 ./md
