#!/bin/bash
echo "sweep of 4 probes"
for k in 1 2 3 4; do echo "probe $k"; gforth -e ': t 2000000000 0 do loop ; t bye' || { r=$?; break; }; done
echo "sweep ended: ${r:-0}"; exit ${r:-0}
