#!/bin/bash
set -e
fpc -v0 -l- -Cr -gl conv.pas 2>&1 | grep -v '^Linking' || true
for n in 5 12; do echo "n=$n"; ./conv $n; done
