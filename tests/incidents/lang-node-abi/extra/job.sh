#!/bin/bash
set -e
node -p "'modules abi ' + process.versions.modules" | sed 's/[0-9]*$/&/'
node load.js
