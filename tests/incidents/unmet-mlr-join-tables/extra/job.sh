#!/bin/bash
set -e
mlr --icsv --opprint cat a.csv
mlr --icsv --ocsv join -j id -f annot/plates.csv a.csv > joined.csv
