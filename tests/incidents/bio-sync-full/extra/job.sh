#!/bin/bash
set -euo pipefail
df -h backup | tail -1 | awk '{print $2,$5}'
rsync -a --info=name1,stats1 raw/ backup/
echo "backup complete"
