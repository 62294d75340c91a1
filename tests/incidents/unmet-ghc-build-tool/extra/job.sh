#!/bin/bash
ghc -O1 Main.hs -o tool
