#!/usr/bin/env node
const s = JSON.parse(require('fs').readFileSync(process.argv[2]));
for (const x of s.samples) console.log(x.name, x.qc.mean.toFixed(2));
