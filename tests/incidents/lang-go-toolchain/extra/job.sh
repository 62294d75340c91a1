#!/bin/bash
set -e
go version
go build -o ./bin/assemble ./cmd/assemble
./bin/assemble -k 31 reads.fq
