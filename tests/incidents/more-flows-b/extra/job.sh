#!/bin/bash
export PREFECT_HOME=$PWD/.prefect PREFECT_SERVER_ANALYTICS_ENABLED=false
set -e
python -c "import prefect; print(prefect.__version__)"
python etl.py
