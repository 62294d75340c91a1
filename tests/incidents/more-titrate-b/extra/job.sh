#!/bin/bash
set -e
fpc -v0 -l- acc.pas
ulimit -v 300000
./acc
