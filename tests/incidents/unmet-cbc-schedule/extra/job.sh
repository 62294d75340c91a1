#!/bin/bash
set -e
cbc week12.lp -seconds 30 solve -solution week12.sol | tee cbc.log
if ! grep -q 'Optimal solution found' cbc.log; then echo "week12: no schedule" ; exit 1; fi
