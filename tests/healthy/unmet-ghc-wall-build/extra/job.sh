#!/bin/bash
set -e
ghc -Wall -Wcompat M.hs -o m
./m
