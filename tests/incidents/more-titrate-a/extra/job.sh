#!/bin/bash
set -e
fpc -iV
fpc -v0 -l- stat.pas && ./stat
fpc -v0 -l- fit.pas
./fit
