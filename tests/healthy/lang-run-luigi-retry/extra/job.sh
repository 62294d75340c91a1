#!/bin/bash
set -e
export PYTHONPATH=.
printf '[scheduler]\nretry_delay=1\n[worker]\nkeep_alive=true\nretry_count=3\nwait_interval=1\n' > luigi.cfg
python -m luigi --module flow Fetch --local-scheduler --workers 1 --scheduler-retry-delay 1 --worker-keep-alive --retcode-task-failed 30 --retcode-unhandled-exception 35
