#!/bin/bash
n=$(cat n.$1 2>/dev/null || echo 0); echo $((n+1)) > n.$1
if [ $1 = c ] && [ $n -lt 2 ]; then echo "fetch $1: ERROR 503: Service Unavailable" >&2; exit 22; fi
echo $1 > got.$1
