#!/bin/bash
ghc --numeric-version
cd src && ghc -O0 -v0 -outputdir ../b -o ../filt Main.hs
cd .. ; ./filt < reads.txt > kept.txt; r=$?
wc -l < kept.txt; exit $r
