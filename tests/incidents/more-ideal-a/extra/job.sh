#!/bin/bash
Singular --version | head -1
Singular -q --no-rc gb.sing < /dev/null | tee gb.out
grep -q "^g.2." gb.out || { echo "basis incomplete"; exit 1; }
