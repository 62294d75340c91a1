#!/bin/bash
set -e
glpsol --version | head -1
glpsol -m freight.mod -d q1.dat -o q1.sol
cat q1.sol
