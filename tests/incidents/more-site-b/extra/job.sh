#!/bin/bash
set -e
m4 --version | head -1
python3 -c "print('cost=eval('+'('*900000+'1'+')'*900000+')')" > cost.m4
echo 'n=eval(6*7)' | m4
m4 cost.m4 > cost.txt
cat cost.txt
