#!/bin/bash
set -e
echo "installing viewer dependencies"
npm install --no-audit --no-fund
npm run build
