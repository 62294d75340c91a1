#!/bin/bash
set -euo pipefail
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr -maxwarn 1
gmx -quiet mdrun -ntmpi 1 -ntomp 1 -deffnm md
