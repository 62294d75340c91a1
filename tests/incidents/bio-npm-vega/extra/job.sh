#!/bin/bash
set -euo pipefail
mkdir -p viz && cd viz
echo '{"name":"viz","version":"1.0.0","dependencies":{"vega-lite":"file:../vega-lite","vega":"file:../vega"}}' > package.json
npm install --offline --no-audit --no-fund
npx vl2svg spec.json out.svg
