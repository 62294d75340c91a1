#!/bin/bash
set -u
echo "job on $(hostname), memory limit $(cat /sys/fs/cgroup/memory/job1/memory.limit_in_bytes)"
for step in embed; do
  python3 $step.py || { rc=$?; echo "step $step failed, exit code $rc"; exit $rc; }
done
