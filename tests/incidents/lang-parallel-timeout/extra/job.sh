#!/bin/bash
parallel -j2 --timeout 3 ./model.sh ::: 1 2 9 1
rc=$?
echo "parallel finished with $rc"
exit $rc
