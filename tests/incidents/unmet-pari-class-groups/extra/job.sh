#!/bin/bash
gp -q -D parisizemax=20M -D breakloop=0 -D colors=no cl.gp < /dev/null 2>&1 | tee cl.out
grep -q '^det=' cl.out || { echo "no determinant in cl.out"; exit 1; }
