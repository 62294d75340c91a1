#!/bin/bash
cd co; echo "run 14" >> notes.txt
fossil add notes.txt
fossil commit -m "run 14" --no-warnings; r=$?
fossil timeline -n 1 | head -n 2; exit $r
