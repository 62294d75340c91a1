#!/bin/bash
set -e
echo "backup of src, $(du -sh src | cut -f1)"
duplicity full --no-encryption --archive-dir cache src file://$PWD/bk
