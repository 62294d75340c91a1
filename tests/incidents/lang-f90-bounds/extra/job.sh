#!/bin/bash
set -e
gfortran -g -fcheck=all -fbacktrace -o heat heat.f90
./heat 64
