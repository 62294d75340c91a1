#!/bin/bash
set -e
jq -r '.samples[] | [.id, (.lanes | length)] | @tsv' manifest.json > lanes.tsv
jq -r '.samples[] | .id + ":" + .lanes' manifest.json > pairs.txt
wc -l *.t*
