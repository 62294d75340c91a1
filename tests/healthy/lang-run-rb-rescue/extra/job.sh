#!/bin/bash
set -e
ruby collect.rb inputs
cat summary.tsv
