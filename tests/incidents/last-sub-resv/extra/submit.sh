#!/bin/bash
echo "submitting chain"
j=$(sbatch --parsable run.sbatch); r=$?
[ $r -eq 0 ] && sbatch --dependency=afterok:$j --wrap="ls mb.log"
echo "submitted: ${j:-none}"; exit $r
