#!/bin/bash
export OMP_NUM_THREADS=1
xtb water.xyz --sp 2>&1 | grep -E "TOTAL ENERGY|normal termination"
xtb ligand.xyz --opt > l.log 2>&1; rc=$?; tail -15 l.log; exit $rc
