#!/bin/bash
set -e
ls nfs | head -2
perl index.pl nfs/run1 > run1.idx
perl index.pl nfs/run2 > run2.idx
