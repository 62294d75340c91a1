#!/bin/bash
ls -l d/a.bin | awk '{print $5}'
par2 create -q -r30 -B / /data/scratch/a.par2 $PWD/d/a.bin; r=$?
ls /data/scratch; exit $r
