#!/bin/bash
set -euo pipefail
cat > s.m <<'M'
A = [1 2; 2 4]; b = [1; 2];
x = A \ b;
try, y = chol(A - eye(2)); catch err, printf("error: %s -- using LU instead\n", err.message); [L,U] = lu(A); end
try, pkg load optim; catch e, disp(e.message); disp("optim not there, builtin fminsearch used"); end
printf("residual %g\n", norm(A*x-b));
M
octave --no-gui --quiet s.m
