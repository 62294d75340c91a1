#!/bin/bash
set -euo pipefail
seq 1 10 | awk '{print $1, exp(0.2*$1)}' > growth.dat
cat > f.gp <<'G'
f(x)=a*exp(b*x); a=1; b=0.1
fit f(x) "growth.dat" using 1:2 via a,b
print sprintf("doubling time %.2f", log(2)/b)
print "corrected ", a*scale
G
gnuplot f.gp
echo "done"
