#!/bin/bash
set -euo pipefail
cat > p.gp <<'G'
set terminal pngcairoo size 800,600
set output "growth.png"
f(x)=a*exp(b*x); a=1; b=0.1
fit f(x) "growth.dat" using 1:2 via a,b
plot "growth.dat", f(x)
G
seq 1 10 | awk '{print $1, exp(0.2*$1)}' > growth.dat
gnuplot p.gp
