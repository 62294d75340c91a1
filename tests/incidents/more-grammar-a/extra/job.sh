#!/bin/bash
set -e
bison --version | head -1
bison -d -o calc.c calc.y
cc -c calc.c
