#!/bin/bash
set -euo pipefail
sed -i '/tc-grps/d;/tau-t/d;/ref-t/d;/tcoupl/d' md.mdp; echo 'unknown-opt = 3' >> md.mdp
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr -maxwarn 3
gmx -quiet mdrun -ntmpi 1 -ntomp 1 -deffnm md
