#!/bin/bash
7z x -y -oimages scans.7z
rc=$?
echo "7z: $rc"
[ $rc -eq 0 ] && python segment.py images
exit $rc
