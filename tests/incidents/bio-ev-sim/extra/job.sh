#!/bin/bash
set -euo pipefail
cat > eq.mac <<'M'
f(x) := x^3 - 2*x - 5$
r : find_root(f(x), x, 2, 3);
g(x) := 1/(x - 2)$
print("slope", diff(f(x), x))$
g(2);
tex(g(3), "slope.tex")$
M
maxima --very-quiet -b eq.mac
[ -s slope.tex ] || { echo 'slope.tex was not written' >&2; exit 1; }
