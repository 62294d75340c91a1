#!/bin/bash
set -e
ninja -t targets depth 1 2>&1 | head -3
ninja -v report.txt
