#!/bin/bash
set -euo pipefail
cat > in.poly <<'L'
units lj
atom_style bond
bond_style harmonic
read_data polymer_N100.data
pair_style lj/cut 1.12
run 100
L
lmp -in in.poly
tail -1 log.lammps
