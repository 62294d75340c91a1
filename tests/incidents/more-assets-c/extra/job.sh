#!/bin/bash
export DAGSTER_DISABLE_TELEMETRY=1
dagster job execute -f pipe.py -j fit -c run.yaml
