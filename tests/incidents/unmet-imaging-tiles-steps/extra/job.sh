#!/bin/bash
run() { local t=$1; shift; local rc=0; timeout $t "$@" || rc=$?; [ $rc -ne 124 ] || echo "step '$1 $2' exceeded its limit of $t s" >&2; return $rc; }
set -e
run 60 vipsheader a.png
run 60 vips crop a.png c.png 0 0 200 200
run 4 vips rank a.png r.png 61 61 1800
run 60 vips stats r.png s.mat
