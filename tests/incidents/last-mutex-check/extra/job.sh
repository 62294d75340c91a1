#!/bin/bash
echo "generating verifier"
spin -a mutex.pml
gcc -O1 -o pan pan.c 2>&1 | tail -n 3
./pan -m2000 -c1 | tee pan.out
grep -q "errors: 0" pan.out
