#!/bin/bash
for m in HKY85 GTR TIM3; do
  echo "== $m"
  phyml -i cytb.phy -d nt -m $m -b 0 --no_memory_check > $m.log 2>&1 || { echo "phyml ended with $? for model $m"; cat $m.log; exit 1; }
  grep 'Log-likelihood' cytb.phy_phyml_stats.txt
done
