#!/bin/bash
export OMP_NUM_THREADS=1
xtb water.xyz --sp --gfn 2 --alpb h20 2>&1 | tail -25; exit ${PIPESTATUS[0]}
