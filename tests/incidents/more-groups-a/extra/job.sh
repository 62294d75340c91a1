#!/bin/bash
echo "orders"; cat > o.g <<'G'
Print(Size(SymmetricGroup(9)),"\n");
l:=[]; for i in [1..100] do Print("block ",i,"\n"); Add(l,List([1..1000000],j->[j,i])); od;
QUIT;
G
gap -q --nointeract -o 200m o.g | tee o.txt
grep -q 'block 100' o.txt || exit 1
