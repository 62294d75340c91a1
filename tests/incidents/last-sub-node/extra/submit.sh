#!/bin/bash
echo "stage 1: assembly on the large node"
sbatch --wait run.sbatch; r=$?
ls mb.log
exit $r
