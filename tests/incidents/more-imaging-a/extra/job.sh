#!/bin/bash
set -e
mcs -warn:4 Count.cs -out:count.exe && mono count.exe
mcs Seg.cs -out:seg.exe
mono seg.exe slide1
