#!/bin/bash
set -euo pipefail
gmx --version -quiet | grep 'GROMACS version'
gmx -quiet mdrun -ntmpi 1 -ntomp 1 -s prod.tpr -deffnm prod
gmx -quiet energy -f prod.edr <<< "Potential"
