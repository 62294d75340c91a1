#!/bin/bash
echo "index $(date +%Y) build"
node --max-old-space-size=96 build_index.js terms.txt
echo "index size: $(stat -c %s index.json 2>/dev/null)"
[ -s index.json ]
