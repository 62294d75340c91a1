#!/bin/bash
export RAY_USAGE_STATS_ENABLED=0
python sweep.py 2>&1
