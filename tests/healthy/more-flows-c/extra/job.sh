#!/bin/bash
export PREFECT_HOME=$PWD/.prefect PREFECT_SERVER_ANALYTICS_ENABLED=false
python flow.py && echo "flow finished"
