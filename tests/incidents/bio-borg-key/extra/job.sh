#!/bin/bash
set -euo pipefail
export BORG_PASSPHRASE=lab2019 BORG_BASE_DIR=$PWD/.borg
echo "archiving raw/"
borg create --stats repo::run42 raw
borg check repo
