#!/bin/bash
set -euo pipefail
cat > in.melt <<'L'
units lj
atom_style atomic
lattice fcc 0.8442
region box block 0 5 0 5 0 5
create_box 1 box
create_atoms 1 box
mass 1 1.0
velocity all create 3.0 87287
pair_style lj/cut 2.5
pair_coeff 1 1 1.0 1.0 2.5
neighbor 0.3 bin
fix 1 all nve
thermo 50
timestep 0.05
thermo_modify lost error
change_box all boundary f f f
run 500
write_data final.data
L
lmp -in in.melt -log log.melt
grep -c . final.data
