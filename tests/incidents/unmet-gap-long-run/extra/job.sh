#!/bin/bash
trap 'echo "Interrupted by user, removing scratch"; kill $p 2>/dev/null; exit 130' INT
gap -q s.g > s.out 2>&1 < /dev/null &
p=$!
echo "search started, pid $p"
wait $p
