#!/bin/bash
set -e
dvc repro -v 2>&1 | tail -20; exit ${PIPESTATUS[0]}
