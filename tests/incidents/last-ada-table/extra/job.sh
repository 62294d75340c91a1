#!/bin/bash
gnatmake --version | head -n 1
ulimit -s 2048
gcc -c tab.adb 2> tab.err; r=$?
cut -c 1-160 tab.err | head -n 20; ls tab.o; exit $r
