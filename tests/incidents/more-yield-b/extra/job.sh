#!/bin/bash
echo "re-running the report stage"
dvc repro report; rc=$?
[ $rc -eq 0 ] || { echo "report is stale"; exit $rc; }
