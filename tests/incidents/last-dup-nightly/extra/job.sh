#!/bin/bash
mkdir -p /data/dst
echo "backup of d"; duplicity --no-encryption d file:///data/dst; r=$?
duplicity collection-status --no-encryption file:///data/dst | tail -n 4
exit $r
