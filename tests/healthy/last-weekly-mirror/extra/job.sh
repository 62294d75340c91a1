#!/bin/bash
mkdir -p /data/bk; rdiff-backup backup d /data/bk; sleep 1
rm d/run.sock; mkfifo d/p; echo 2 > d/x
rdiff-backup backup d /data/bk; rdiff-backup list increments /data/bk
echo "backup verified"; rdiff-backup verify /data/bk
