#!/bin/bash
set -euo pipefail
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr
timeout -v -s INT 6 gmx -quiet mdrun -ntmpi 1 -ntomp 1 -deffnm md
gmx -quiet energy -f md.edr -o pot.xvg <<< Potential
