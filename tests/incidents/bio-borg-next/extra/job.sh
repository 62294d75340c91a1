#!/bin/bash
set -euo pipefail
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_BASE_DIR=$PWD/.borg
borg --version
borg create --stats repo::run9 raw
borg list repo
