#!/bin/bash
echo "PM7 opt of mol3"
mopac mol3.mop
tail -n 25 mol3.out
grep "CARTESIAN COORDINATES" mol3.out > geo.txt && cat geo.txt || { echo "no geometry"; exit 1; }
