#!/bin/bash
last=$(cat last_job.txt)
echo "continuing after $last"
sbatch --dependency=afterany:$last:x run.sbatch; r=$?
echo $r; exit $r
