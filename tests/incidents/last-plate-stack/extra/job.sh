#!/bin/bash
Rscript stack.R; r=$?
ls stack.csv; exit $r
