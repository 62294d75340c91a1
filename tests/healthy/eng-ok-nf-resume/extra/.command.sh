#!/bin/bash -ue
test -e /data/project/run51336/ready || { echo "panel not ready" >&2; exit 4; }; echo x > o.txt
