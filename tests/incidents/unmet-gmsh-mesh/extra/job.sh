#!/bin/bash
gmsh -2 plate.geo -o plate.msh
