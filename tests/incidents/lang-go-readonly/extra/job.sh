#!/bin/bash
set -e
go version | cut -d' ' -f3
go run cache.go /data/shared/refcache
echo cached
