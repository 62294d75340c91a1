#!/bin/bash
# report.sh COUNT...: the counts of all samples, under the lane they come from
set -euo pipefail
echo "lane $LANE"
sort "$@"
