#!/bin/bash
bup version
bup index d 2>&1 | tail -n 12
bup save -n nightly d; r=$?
bup ls nightly; exit $r
