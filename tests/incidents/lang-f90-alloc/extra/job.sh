#!/bin/bash
set -e
gfortran -O1 -o relax relax.f90
ulimit -v 600000
./relax
