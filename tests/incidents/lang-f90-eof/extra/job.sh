#!/bin/bash
gfortran -g -o interp interp.f90 || exit 9
./interp grid.dat > field.out
s=$?
tail -2 field.out
exit $s
