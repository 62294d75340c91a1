#!/bin/bash
set -euo pipefail
export OMP_NUM_THREADS=2
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr -maxwarn 2
gmx -quiet mdrun -ntmpi 1 -ntomp 1 -deffnm md
