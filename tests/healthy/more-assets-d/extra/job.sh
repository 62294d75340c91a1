#!/bin/bash
export DAGSTER_DISABLE_TELEMETRY=1
dagster job execute -f pipe.py -j flaky 2>&1 | grep -v -i telemetry; exit ${PIPESTATUS[0]}
