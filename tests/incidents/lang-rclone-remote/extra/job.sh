#!/bin/bash
set -e
export RCLONE_CONFIG=$PWD/rclone.conf
rclone lsf local:$PWD/in
rclone copy --stats-one-line in labstore:raw/run5
echo uploaded
