#!/bin/bash
tclsh sum.tcl < /data/shared/stations.csv > sums.txt || { tail -1 sums.txt; exit 1; }
