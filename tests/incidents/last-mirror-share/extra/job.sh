#!/bin/bash
mkdir -p /data/bk
rdiff-backup --version
rdiff-backup backup /data/share /data/bk; r=$?
ls /data/bk; [ -f /data/bk/plate2.dat ] || { echo "plate2 is not in the backup"; exit 1; }
