#!/bin/bash
source /etc/profile.d/lmod.sh
module use $PWD/mods
set -e
module load gcc/12.2
module load netcdf/4.9-parallel
module list
