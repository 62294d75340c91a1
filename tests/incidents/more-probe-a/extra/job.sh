#!/bin/bash
set -e
echo "polling instrument"
expect poll.exp
