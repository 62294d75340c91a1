#!/bin/bash
export SGE_ROOT=/var/lib/gridengine
echo "requeue of held jobs"
qstat -u '*' > q.txt 2>&1 || { echo "qstat failed"; cat q.txt; exit 1; }
