#!/bin/bash
aria2c --max-tries=2 --retry-wait=1 --timeout=3 --connect-timeout=3 --summary-interval=0 -d dl http://files.lab.internal:8077/hang/tracks.bed
st=$?
echo "download status $st"
test $st -eq 0 && wc -l dl/tracks.bed
exit $st
