#!/bin/bash
set -e
gmsh -version
gmsh plate.geo -2 -o plate.msh
grep -c . plate.msh
