#!/bin/bash
echo "sync job start"
export BUCKET=lab-raw
python settings_job.py
st=$?; echo "sync job end ($st)"; exit $st
