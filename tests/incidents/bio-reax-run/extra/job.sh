#!/bin/bash
set -euo pipefail
cat > in.reax <<'L'
units real
atom_style charge
boundary p p p
lattice diamond 3.6
region b block 0 2 0 2 0 2
create_box 1 b
create_atoms 1 box
mass 1 12.0
pair_style reax/c NULL
pair_coeff * * ffield.reax C
run 10
L
for t in 300 600; do echo "T=$t"; lmp -in in.reax -var T $t -log log.$t -screen out.$t || { tail -3 out.$t; exit 1; }; done
