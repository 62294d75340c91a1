#!/bin/bash
h5ls -r sim.h5
h5dump -d /step_010/density -o density.txt sim.h5
rc=$?
[ -s density.txt ] && head -2 density.txt
exit $rc
