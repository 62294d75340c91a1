#!/bin/bash
set -e
g++ -std=c++17 -O1 -o stage stage.cpp
./stage inputs/ref.fa inputs/ref.dict inputs/known.vcf
echo staged
