#!/bin/bash
set -euo pipefail
sleep 2
ls *.cpt *.log
gmx -quiet convert-tpr -s md.tpr -extend 20 -o md2.tpr
gmx -quiet mdrun -ntmpi 1 -ntomp 1 -s md2.tpr -cpi md.cpt -deffnm md
