#!/bin/bash
set -e
sftp -P 2222 -o BatchMode=yes -b batch.txt mbauer@files.lab.internal
ls -l *.vcf
