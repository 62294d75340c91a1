#!/bin/bash
cat > urls.txt <<U
http://files.lab.internal:8077/ok/s1.fq
http://files.lab.internal:8077/403/embargo/s2.fq
U
aria2c -x2 -i urls.txt --summary-interval=0 --console-log-level=warn --download-result=full -d dl
rc=$?
ls dl
exit $rc
