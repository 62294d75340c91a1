#!/bin/bash
gmsh plate.geo -2 -v 2 || exit 1
ls
test -s plate_2d.msh || { echo "mesh step finished but plate_2d.msh is missing"; exit 6; }
ccx -i plate
