#!/bin/bash
echo "fit started $(date +%F)"
gretlcli -b dose.inp > fit.txt
rc=$?
cat fit.txt
grep -A8 "^Model 1" fit.txt > model1.txt
wc -l model1.txt
[ $rc -eq 0 ] || { echo "dose model not fitted, keeping last week's table"; exit 1; }
