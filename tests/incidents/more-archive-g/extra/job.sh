#!/bin/bash
set -e
ls /data/shared/*.csv /data/shared/*.fq | cpio -o -H newc > full.cpio
head -c 400000 full.cpio > copy.cpio
mkdir x && cd x
cpio -idmv --no-absolute-filenames < ../full.cpio
cpio -iduv --no-absolute-filenames < ../copy.cpio
ls
