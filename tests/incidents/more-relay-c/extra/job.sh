#!/bin/bash
set -e
elixir --version 2>/dev/null | tail -1
elixir mean.exs /data/shared/stations.csv
