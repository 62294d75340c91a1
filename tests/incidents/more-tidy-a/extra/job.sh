#!/bin/bash
set -e
mlr --version
mlr --icsv --opprint stats1 -a mean,count -f temp st1.csv
mlr --icsv --opprint stats1 -a mean,count -f temp st2.csv
