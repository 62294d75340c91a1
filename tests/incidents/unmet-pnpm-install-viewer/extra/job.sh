#!/bin/bash
set -e
node --version
pnpm install --reporter=append-only
