#!/bin/bash
gnatmake --version | head -n 1
gnatmake -q acq.adb -o acq
./acq > acq.log; r=$?
cat acq.log; exit $r
