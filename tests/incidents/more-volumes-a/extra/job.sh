#!/bin/bash
cd wc
git annex version | head -1
git annex get vol1.bin
git annex get vol2.bin || { echo "vol2 not here"; exit 1; }
md5sum vol*.bin
