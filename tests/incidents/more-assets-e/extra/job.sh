#!/bin/bash
export DAGSTER_DISABLE_TELEMETRY=1
dagster job execute -f pipe.py -j season 2>&1; rc=$?
[ -s season.csv ] || echo "season.csv not there"
[ $rc = 0 ] || exit $rc
