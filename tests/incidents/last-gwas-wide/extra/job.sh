#!/bin/bash
ulimit -v 2500000
Rscript wide.R
r=$?; ls wide.rds; exit $r
