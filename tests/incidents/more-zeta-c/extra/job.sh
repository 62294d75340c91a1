#!/bin/bash
cat > z.gp <<'G'
for(k=1,3,print("block ",k); factor(2^(60*k)-1));
print("now the long one"); factor(2^521-3); print("done");
quit(0);
G
gp -q -f z.gp; rc=$?
[ $rc = 0 ] || exit $rc
[ -s z.out ] || exit 3
