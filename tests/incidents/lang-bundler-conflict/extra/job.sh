#!/bin/bash
set -e
cd app
bundle config set --local path vendor >/dev/null 2>&1 || true
bundle install --local
bundle exec ruby -e 'puts 1'
