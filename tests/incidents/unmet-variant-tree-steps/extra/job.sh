#!/bin/bash
# budget for one locus
LIMIT=12
start=$SECONDS
echo "alignment: $(head -n 1 v.phy)"
phyml -i v.phy -d nt -m GTR -b 200 --no_memory_check > phyml.log 2>&1 &
pid=$!
while kill -0 $pid 2>/dev/null; do
  if (( SECONDS - start > LIMIT )); then
    echo "ERROR: phyml exceeded the walltime of ${LIMIT}s, stopping it" >&2
    tail -n 5 phyml.log
    pkill -P $pid; kill $pid; exit 15
  fi
  sleep 1
done
wait $pid
