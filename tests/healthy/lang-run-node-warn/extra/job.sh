#!/bin/bash
set -e
node report.js runs.json
