#!/bin/bash
set -e
export RESTIC_PASSWORD=pw RESTIC_REPOSITORY=$PWD/repo
restic -q backup data
restic forget --keep-last 3 --prune
restic check
