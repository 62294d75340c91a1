#!/bin/bash
export BUNDLE_PATH=vendor
bundle exec ruby plot.rb counts.tsv
st=$?
[ -e plot.svg ] || echo "no plot was made"
exit $st
