#!/bin/bash
for c in 0.1 1; do
 svm-train -q -c $c train.scale m_$c || { echo "svm-train failed for C=$c"; exit 4; }
done
