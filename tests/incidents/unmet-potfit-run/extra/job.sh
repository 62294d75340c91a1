#!/bin/bash
echo "fit of EAM potential"
./potfit in.par; rc=$?
echo "potfit returned $rc"
exit $rc
