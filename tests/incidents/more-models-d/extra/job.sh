#!/bin/bash
set -e
hg clone src s/wc
cd s/wc && hg log -l1
