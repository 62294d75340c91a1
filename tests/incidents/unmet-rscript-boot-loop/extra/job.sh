#!/bin/bash
Rscript --vanilla boot.R
exit $?
