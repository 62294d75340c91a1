#!/bin/bash
set -e
fpc -v0 -gl lat.pas
./lat
