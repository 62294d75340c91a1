#!/bin/bash
echo "codeml M0 for og33"
codeml m0.ctl < /dev/null; r=$?
grep omega og33.mlc
exit $r
