#!/bin/bash
python3 make_plan.py > build.ninja
ninja -j2 all
echo "ninja: $?"
test -e all
