#!/bin/sh
q=$(cut -f2 "$1" 2>/dev/null)
[ "$q" -gt 35 ] 2>/dev/null || exit 3
echo pass
