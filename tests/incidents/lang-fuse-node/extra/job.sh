#!/bin/bash
set -e
node count.js nfs
echo counted
