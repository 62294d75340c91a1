#!/bin/bash
set -euo pipefail
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_BASE_DIR=$PWD/.borg
borg list repo
borg create --lock-wait 2 --stats repo::nightly raw
borg prune --keep-daily 7 repo
