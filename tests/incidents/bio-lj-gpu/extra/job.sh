#!/bin/bash
set -euo pipefail
printf 'units lj\natom_style atomic\nlattice fcc 0.8442\nregion box block 0 4 0 4 0 4\ncreate_box 1 box\ncreate_atoms 1 box\nmass 1 1.0\npair_style lj/cut 2.5\npair_coeff 1 1 1.0 1.0 2.5\nfix 1 all nve\nrun 50\n' > in.lj
lmp -sf gpu -pk gpu 1 -in in.lj
tail -2 log.lammps
