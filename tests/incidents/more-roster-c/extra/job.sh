#!/bin/bash
for w in 46 47; do
  echo "week $w"
  cbc week$w.lp solve solution week$w.sol || exit 1
  [ -s week$w.sol ] || { echo "no roster for week $w"; exit 1; }
done
