#!/bin/bash
Singular -q --no-rc dec.sing < /dev/null > dec.out; cat dec.out
grep -q "^l.1" dec.out || { echo "no decomposition"; exit 1; }
