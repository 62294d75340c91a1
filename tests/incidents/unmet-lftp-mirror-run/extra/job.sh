#!/bin/bash
set -e
echo "mirror of run folder 240511"
lftp -c "set net:max-retries 2; set net:reconnect-interval-base 1; set net:timeout 5; open ftp://ftp.seqcore.internal; mirror -v /runs/240511 ."
