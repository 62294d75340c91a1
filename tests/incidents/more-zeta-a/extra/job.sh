#!/bin/bash
set -e
echo 'default(parisizemax,64M); print(zeta(3)); ' | gp -q
cat > m.gp <<'G'
default(parisize,8000000);
for(k=1,6, n=200*2^k; print("matrix ",n); M=matrix(n,n,i,j,1.0/(i+j)); print(matrank(M)));
quit(0);
G
gp -q -s 8M m.gp < /dev/null; test -s rank.txt
