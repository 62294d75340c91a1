#!/bin/bash
set -e
ghc -O0 -rtsopts -o sim Sim.hs
./sim +RTS -M100m -RTS
