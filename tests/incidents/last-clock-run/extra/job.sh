#!/bin/bash
grep -c . prim.nex
mb batch.nex > mb.out; r=$?
tail -n 25 mb.out
ls prim.nex.con.tre || echo "no consensus"
exit $r
