#!/bin/bash
set -euo pipefail
sed -i 's/^integrator .*/integrator = md-vvv/' md.mdp
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr -maxwarn 2
gmx -quiet mdrun -ntmpi 1 -ntomp 1 -deffnm md
