#!/bin/bash
echo "receptor atoms: $(grep -c ^ATOM rec.pdbqt)"
vina --receptor rec.pdbqt --ligand lig14.pdbqt --center_x 1 --center_y 2 --center_z 3 --size_x 20 --size_y 20 --cpu 1 --out lig14_out.pdbqt
echo "vina: $?"
grep "REMARK VINA RESULT" lig14_out.pdbqt | head -n 3 > best.txt
test -s best.txt
