#!/bin/bash
set -e
echo "assembly: 30 contigs"
./check.sh a.fa
echo "passed"
