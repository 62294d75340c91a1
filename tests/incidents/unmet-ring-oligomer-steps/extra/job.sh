#!/bin/bash
set -e
id -un
ls -l *.stl
admesh --write-binary-stl=fixed.stl cube.stl
echo fixed
