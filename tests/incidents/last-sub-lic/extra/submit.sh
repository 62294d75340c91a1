#!/bin/bash
for k in 1 2; do sbatch --export=ALL,K=$k run.sbatch || r=$?; done
squeue -h -n run.sbatch | wc -l
exit ${r:-0}
