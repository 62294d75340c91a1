#!/bin/bash
set -e
node pipeline.js cohort.json
