#!/bin/bash
set -e
g++ -O0 -g -w -o overlap overlap.cpp
./overlap a.bed b.bed > both.bed
wc -l both.bed
