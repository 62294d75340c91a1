#!/bin/bash
export DAGSTER_DISABLE_TELEMETRY=1
echo "loading definitions"
dagster job execute -f pipe.py -j weekly
