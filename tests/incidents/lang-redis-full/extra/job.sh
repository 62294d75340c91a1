#!/bin/bash
for s in S1 S2 S3; do
  redis-cli -h db01.lab.internal -p 6391 set meta:$s ready
done
python cache_tiles.py
rc=$?
echo "cache step: $rc"
exit $rc
