#!/bin/bash
export RCLONE_CONFIG=$PWD/rclone.conf
rclone copy --retries 2 --low-level-retries 2 -v in labstore:private-raw/run5
echo "rclone exit $?" && rclone check --retries 1 --low-level-retries 1 in labstore:private-raw/run5
