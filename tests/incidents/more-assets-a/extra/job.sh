#!/bin/bash
export DAGSTER_DISABLE_TELEMETRY=1
dagster job execute -f pipe.py -j nightly 2>&1 | tee run.txt | grep -v DEBUG | head -60; exit ${PIPESTATUS[0]}
