#!/bin/bash
export OMP_NUM_THREADS=1
ccx beam; rc=$?
[ -s beam.frd ] && ls -l beam.frd
exit $rc
