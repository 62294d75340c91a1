#!/bin/bash
set -e
echo "archiving the run"
rsync -a nfs/ archive/
find archive -type f | wc -l
