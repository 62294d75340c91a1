#!/bin/bash
set -eu
for m in m.xml; do xmllint --noout $m && echo "$m valid"; done
