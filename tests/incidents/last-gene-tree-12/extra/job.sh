#!/bin/bash
echo "taxa: $(grep -c . og12.phy)"
phyml -i og12.phy -d nt -m HKY85 -b 0 --quiet > phyml.out; r=$?
cat phyml.out | tail -n 15
cat og12.phy_phyml_tree.txt
exit $r
