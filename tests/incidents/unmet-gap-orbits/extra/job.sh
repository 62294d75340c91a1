#!/bin/bash
gap -q -o 400m orb.g < /dev/null > orb.out 2>&1
cat orb.out
grep -q RESULT orb.out || exit 1
