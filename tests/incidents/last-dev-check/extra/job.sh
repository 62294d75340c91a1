#!/bin/bash
/data/sw/env2/bin/python dev.py; r=$?
echo "device check: $r"; exit $r
