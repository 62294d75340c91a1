#!/bin/bash
set -e
node -e 'console.log("node", process.versions.node.split(".")[0])'
node annotate.js variants.json > annotated.json
echo annotated
