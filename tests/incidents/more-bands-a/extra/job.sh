#!/bin/bash
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
pw.x -in scf.in > scf.out; rc=$?
cat scf.out
[ $rc = 0 ] && pw.x -in nscf.in; exit $rc
