#!/bin/bash
du -sk d | cut -f 1
dar -q -c /data/scratch/nightly -R . -g d -Q; r=$?
ls -l /data/scratch | tail -n 1
dar -q -t /data/scratch/nightly -Q || echo "test failed"
exit $r
