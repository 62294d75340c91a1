#!/bin/bash
set -e
export PYTHONPATH=.
python -m luigi --module flow Report --local-scheduler --workers 1 --retcode-task-failed 30 --retcode-scheduling-error 35
