#!/bin/bash
set -euo pipefail
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr
gmx -quiet mdrun -ntmpi 1 -ntomp 2 -nb gpu -pme cpu -deffnm md
echo "done"
