#!/bin/bash
truncate -s 4M /data/tmp/s.img && mkfs.ext4 -q /data/tmp/s.img
/sbin/losetup -f --show /data/tmp/s.img; r=$?
mkdir -p /data/tmp/m; mount /data/tmp/s.img /data/tmp/m || echo "not mounted"
exit $r
