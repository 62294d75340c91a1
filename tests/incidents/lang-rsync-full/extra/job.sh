#!/bin/bash
set -e
mkdir -p stage/run9
rsync -a run9/ stage/run9/
echo staged; ls stage/run9 | wc -l
