#!/bin/bash
echo "radii set: PARSE"
apbs 1abc.in 2> apbs.err | tail -n 22 > apbs.out
r=${PIPESTATUS[0]}; tail -n 6 apbs.out; cat apbs.err io.mc
grep -i "global net" apbs.out || echo "no energy"
exit $r
