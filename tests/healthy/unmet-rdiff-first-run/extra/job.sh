#!/bin/bash
set -e
rdiff-backup -v4 --print-statistics d b
cp d/nothere b/ 2>&1 || true
rdiff-backup --list-increments b
