#!/bin/bash
nim --version | head -n 1
nim c --hints:off --nimcache:nc -o:trim trim.nim
./trim reads.txt > t.txt; r=$?
wc -l t.txt; exit $r
