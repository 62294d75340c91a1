#!/bin/bash
export PYTHONPATH=.
python -m luigi --module flow Qc --local-scheduler --retcode-unhandled-exception 5 --retcode-task-failed 3 --retcode-missing-data 4
rc=$?; echo "luigi: $rc"; exit $rc
