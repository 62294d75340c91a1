#!/bin/bash
set -euo pipefail
gmx -quiet grompp -f md.mdp -c conf.gro -p topol.top -o md.tpr
gmx -quiet mdrun -v -ntmpi 1 -ntomp 1 -deffnm md
test "$(awk '/Step/{getline; s=$1}END{print s+0}' md.log)" -ge 900000 || { echo "run did not reach the last step"; exit 3; }
