#!/bin/bash
cd viewer
npm run bundle
code=$?
echo "bundle step finished with code $code"
cp dist/viewer.js ../ 2>/dev/null
exit $code
