#!/bin/bash
exec 9>/data/project/flock-busy/pipeline.lock
if ! flock -n 9; then
  echo "another run of the nightly pipeline holds pipeline.lock" >&2
  exit 75
fi
ruby nightly.rb
