#!/bin/bash
set -e
g++ -g -o align align.cpp
./align ACGTACGT ACG
./align ACG ACGTACGTAA
echo ok
