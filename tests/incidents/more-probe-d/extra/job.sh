#!/bin/bash
set -e
echo "session with balance"
expect bal.exp > bal.log 2>&1
echo "weights read"
