#!/bin/bash
cat > f.gp <<'G'
default(threadsize,"8M");
r=alarm(4,factor(2^401-1)); print(r);
if(type(r)=="t_ERROR", print("not factored"); quit(3));
quit(0);
G
echo "factoring"; gp -q -f f.gp
