#!/bin/bash
rdiff-backup --version
rdiff-backup -v7 --print-statistics d bk
rc=$?
[ $rc = 0 ] || { echo "nightly backup failed with $rc"; exit $rc; }
