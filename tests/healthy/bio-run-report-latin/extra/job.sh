#!/bin/bash
set -euo pipefail
for c in intro methods; do pandoc -f markdown -t html $c.md -o $c.html; echo "$c ok"; done
cat intro.html methods.html > all.html
