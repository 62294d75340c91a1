#!/bin/bash
frictionless --version
frictionless describe plates.csv --json | head -n 4
frictionless validate plates.parq.parquet; r=$?
exit $r
